"""Texts annotated by a model behind an endpoint, side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from queue import SimpleQueue

from anyio.from_thread import BlockingPortal

from bioner.config.teacher import Endpoint
from bioner.errors import BionerError
from bioner.progress import console
from bioner.teacher.annotation import Answered, Reading
from bioner.teacher.asking import Asking, agreed, failed
from bioner.teacher.budget import Spent
from bioner.teacher.chat import AnswerError, Reply, RequestError
from bioner.teacher.chunks import Text
from bioner.teacher.endpoint_client import Client

_GATHERING = 0.01  # seconds from an answer to its being stored, with what comes in meanwhile: each write costs a sync
_WAITING = 64  # texts at least that wait for a slot, so that slots stay full while answers are gathered and stored


class EndpointTeacher:
    """Annotates with a model behind an endpoint; see `bioner.teacher.annotation.Teacher`.

    Args:
        portal: to the event loop in which the client was opened.
        asking: what is asked, and how.
        samples: answers for each text.
    """

    def __init__(
        self, portal: BlockingPortal, client: Client, endpoint: Endpoint, asking: Asking, samples: int
    ) -> None:
        self._portal = portal
        self._client = client
        self._tries = endpoint.answers
        self._asking = asking
        self._samples = samples
        self._told: set[str] = set()
        self._stopped: BionerError | None = None
        self._ahead = endpoint.limits.concurrency + max(endpoint.limits.concurrency, _WAITING)

    @property
    def spent(self) -> Spent:
        """What all answers took, those of earlier runs included."""
        return self._client.spent

    def heed(self, others: Spent) -> None:
        """Count what others have spent towards the budget."""
        self._client.heed(others)

    def answers(self, chunks: Iterator[Sequence[Text]]) -> Iterator[list[Answered]]:
        """Ask for texts side by side; what came in since the last time is yielded together, in any order."""
        texts = chain.from_iterable(chunks)
        done: SimpleQueue[asyncio.Task[Answered | None]] = SimpleQueue()
        begun = 0
        while True:
            group = list(islice(texts, self._ahead - begun)) if self._stopped is None else []
            if group:
                self._portal.start_task_soon(self._side_by_side, group, done)
                begun += len(group)
            if not begun:
                break
            ended = [done.get()]
            time.sleep(_GATHERING)
            ended += [done.get() for _ in range(done.qsize())]
            begun -= len(ended)
            if answered := [said for task in ended if (said := task.result()) is not None]:
                yield answered
        if self._stopped is not None:
            raise self._stopped

    async def _side_by_side(self, texts: Sequence[Text], done: SimpleQueue[asyncio.Task[Answered | None]]) -> None:
        """Begin them together: to hand over one text alone to the event loop costs more than to read its answer."""
        async with asyncio.TaskGroup() as tasks:
            for text in texts:
                tasks.create_task(self._annotate(text)).add_done_callback(done.put)

    async def _annotate(self, text: Text) -> Answered | None:
        """What comes of a text; `None` if it was not asked for, since the endpoint cannot be used."""
        replies: list[Reply] = []
        try:
            samples = [await self._sample(text, number, replies) for number in range(self._samples)]
        except RequestError as error:
            self._tell(error)
            unusable = replies[-1] if isinstance(error, AnswerError) and replies else None
            return Answered(text, failed(error, unusable))
        except BionerError as error:
            self._stopped = self._stopped or error
            return None
        answers = tuple((reply.text, reply.finish) for reply, _ in samples)
        return Answered(text, agreed([reading for _, reading in samples]), answers)

    async def _sample(self, text: Text, sample: int, replies: list[Reply]) -> tuple[Reply, Reading]:
        """One answer that can be used; what cannot is asked for again, as often as the settings say.

        Args:
            replies: is added to; the last one is what an error is about.
        """
        for number in range(1, self._tries + 1):
            reply = await self._client.ask(self._asking.request(text, sample, number))
            replies.append(reply)
            try:
                return reply, self._asking.question.read(reply, text)
            except AnswerError:
                if number == self._tries:
                    raise
        raise AssertionError("an endpoint is asked at least once")

    def _tell(self, error: RequestError) -> None:
        """Say the first failure of a kind at once, with what the endpoint said: the metrics have its number only."""
        if error.reason not in self._told:
            self._told.add(error.reason)
            said = f": {error.said}" if error.said else ""
            console().print(
                f"a text has no answer ({error.reason}){said}", highlight=False, markup=False, soft_wrap=True
            )
