"""The models in memory: loaded when they are first asked, each in a thread of its own, and at most a few at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as NoAnswerError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from bioner.documents import Document
from bioner.errors import BionerError
from bioner.predictors import Predictor
from bioner.serving.batching import Batcher
from bioner.serving.limits import Limits
from bioner.serving.metrics import Metrics
from bioner.serving.model import Served
from bioner.serving.refusal import RefusedError, busy
from bioner.serving.request import Asked

MOST = 3


class Model(Protocol):
    """What can be loaded (see `serving.model.Served`)."""

    about: dict[str, Any]

    def load(self) -> Predictor:
        """Load it."""


@dataclass(eq=False, slots=True)
class _Seat:
    """A model in memory, or on its way there.

    Attributes:
        users: how many requests wait for it; with any, it stays.
    """

    model: Model
    batcher: Batcher
    users: int = 0


class Models:
    """At most a few models; of those that nobody waits for, the one that was asked longest ago makes room."""

    def __init__(self, limits: Limits, make: Callable[[str], Model] = Served, most: int = MOST) -> None:
        """Nothing is loaded yet.

        Args:
            make: a reference -> the model, not loaded.
            most: how many are in memory at a time.
        """
        self._limits = limits
        self._make = make
        self._most = most
        self._metrics = Metrics()
        self._lock = threading.Lock()
        self._seats: dict[str, _Seat] = {}  # the one asked last comes last

    def answer(self, reference: str, asked: Asked) -> tuple[list[Document], dict[str, Any]]:
        """The annotated documents, and what the model is (see `Served.about`); the caller waits, also for loading.

        Raises:
            RefusedError: the model cannot be loaded, cannot answer this, or takes too long; or all are in use.
        """
        with self._seated(reference) as seat:
            self._wait(reference, seat)
            job = seat.batcher.submit(asked)
            try:
                return job.future.result(self._limits.seconds), seat.model.about
            except NoAnswerError:
                reason = f"no answer within {self._limits.seconds:g} seconds; take less text at a time"
                raise RefusedError(504, reason) from None
            finally:
                job.abandoned = True  # without effect on one that is answered

    def about(self, reference: str) -> dict[str, Any]:
        """What a model is; it is loaded if it is not in memory.

        Raises:
            RefusedError: as of `answer`.
        """
        with self._seated(reference) as seat:
            self._wait(reference, seat)
            return seat.model.about

    def close(self) -> None:
        """Let all models go, each after what it is at."""
        with self._lock:
            seats = list(self._seats.values())
            self._seats.clear()
        for seat in seats:
            seat.batcher.close()

    def _wait(self, reference: str, seat: _Seat) -> None:
        """Until the model is loaded."""
        if not seat.batcher.settled.wait(self._limits.seconds):
            raise busy("the model is still being loaded; try again in a while")
        if (failure := seat.batcher.failure) is not None:
            with self._lock:
                if self._seats.get(reference) is seat:
                    del self._seats[reference]  # so that it is tried again
            if isinstance(failure, BionerError):
                raise RefusedError(422, f"the model cannot be loaded: {failure.what}")
            raise failure

    @contextmanager
    def _seated(self, reference: str) -> Iterator[_Seat]:
        """The model's place in memory, which it keeps meanwhile."""
        with self._lock:
            seat = self._seats.pop(reference, None)
            leaving = None if seat or len(self._seats) < self._most else self._make_room()
            seat = seat or self._begin(reference)
            seat.users += 1
            self._seats[reference] = seat
        if leaving is not None:
            leaving.batcher.close()
        try:
            yield seat
        finally:
            with self._lock:
                seat.users -= 1

    def _make_room(self) -> _Seat:
        for reference, seat in self._seats.items():
            if not seat.users:
                return self._seats.pop(reference)
        raise busy(f"{self._most} models are being asked already; try again in a while")

    def _begin(self, reference: str) -> _Seat:
        model = self._make(reference)
        batcher = Batcher(model.load, self._limits, self._metrics)
        batcher.start()
        return _Seat(model, batcher)
