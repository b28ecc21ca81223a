"""The model thread: requests that wait are joined into one batch, and each gets its own documents back."""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from bioner.documents import Document
from bioner.errors import BionerError
from bioner.predictors import Predictor, at_threshold
from bioner.serving.limits import Limits
from bioner.serving.metrics import Metrics
from bioner.serving.refusal import RefusedError
from bioner.serving.request import Asked, Question, types_of

_LOG = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Job:
    """A request under way.

    Attributes:
        future: its annotated documents, in order, or a `RefusedError`.
        abandoned: nobody waits for the answer any more: what is not begun is left out.
    """

    asked: Asked
    future: Future[list[Document]] = field(default_factory=Future)
    abandoned: bool = False


class Batcher:
    """One thread that loads a model and answers what is submitted, batch by batch."""

    def __init__(self, load: Callable[[], Predictor], limits: Limits, metrics: Metrics) -> None:
        """Nothing runs before `start`.

        Args:
            load: gives the model; it is called, and the model used, in the thread only.
        """
        self._load = load
        self._limits = limits
        self._metrics = metrics
        self._waiting: queue.Queue[Job | None] = queue.Queue()  # the service bounds how many requests it lets in
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="model")
        self._failed: Callable[[], None] = lambda: None
        self.ready = threading.Event()
        self.settled = threading.Event()  # loading has ended, well or not
        self.failure: BaseException | None = None

    def start(self, failed: Callable[[], None] = lambda: None) -> None:
        """Begin to load; `failed` is called if that ends with an error, which is then in `failure`."""
        self._failed = failed
        self._thread.start()

    def submit(self, asked: Asked) -> Job:
        """Let a request wait for its turn."""
        job = Job(asked)
        self._waiting.put(job)
        return job

    def close(self) -> None:
        """End the thread after the batch it is at, if any."""
        self._closing = True
        self._waiting.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            predictor = self._load()
        except BaseException as error:  # noqa: BLE001 (the main thread raises it)
            self.failure = error
            self.settled.set()
            self._failed()
            return
        self.ready.set()
        self.settled.set()
        while not self._closing:
            jobs = list(self._join())
            for question in dict.fromkeys(job.asked.question for job in jobs):
                self._answer(predictor, question, [job for job in jobs if job.asked.question == question])

    def _join(self) -> Iterator[Job]:
        """Wait for a request; it, and those that are there already or come soon, until the batch is full."""
        job = self._waiting.get()
        until = time.monotonic() + self._limits.wait
        documents = characters = 0
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                yield job
                documents += len(job.asked.documents)
                characters += job.asked.characters
            if documents >= self._limits.batch_documents or characters >= self._limits.batch_characters:
                return
            try:
                job = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return

    def _answer(self, predictor: Predictor, question: Question, jobs: Sequence[Job]) -> None:
        """Answer requests with one question; one that fails does not take the others with it."""
        self._metrics.batches.observe(len(jobs))
        try:
            self._predict(predictor, question, jobs)
        except Exception as error:  # noqa: BLE001 (whatever one request brings about, the service stays)
            left = [job for job in jobs if not job.future.done()]
            if len(jobs) > 1:
                for job in left:
                    self._answer(predictor, question, [job])
                return
            for job in left:
                job.future.set_exception(_refusal(error))

    def _predict(self, predictor: Predictor, question: Question, jobs: Sequence[Job]) -> None:
        owners: deque[Job] = deque()  # of the documents that the predictor took and did not give back yet

        def documents() -> Iterator[Document]:
            for job in jobs:
                for document in job.asked.documents:
                    if not job.abandoned:
                        owners.append(job)
                        yield document

        answers: dict[Job, list[Document]] = {job: [] for job in jobs}
        for document in at_threshold(predictor, question[1]).predict(documents(), types_of(question)):
            job = owners.popleft()
            answers[job].append(document)
            self._metrics.documents.inc()
            self._metrics.characters.inc(len(document.text))
            if len(answers[job]) == len(job.asked.documents):
                job.future.set_result(answers[job])


def _refusal(error: Exception) -> RefusedError:
    """What a client is told of an error; the log names the place of a bug, but never a text."""
    if isinstance(error, BionerError):
        return RefusedError(422, error.what)
    where = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("a bug: %s in a prediction\n%s", type(error).__name__, where)
    return RefusedError(500, "the prediction failed; the log of the service has the place")
