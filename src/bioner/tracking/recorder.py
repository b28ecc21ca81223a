"""Metrics on their way to a run: kept in memory and written in batches, so that a training step never waits."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from bioner.tracking.names import metric_name

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

_EVERY = 10.0  # seconds
_BATCH = 1000  # MLflow's limit


class Recorder:
    """Buffers the metrics of one run; a thread writes them every ten seconds, and leaving the block the rest."""

    def __init__(self, client: MlflowClient, run: str) -> None:
        self._client = client
        self._run = run
        self._waiting: list[Metric] = []
        self._guard = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write_regularly, name="bioner-metrics", daemon=True)

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self.flush()

    def add(self, name: str, value: float, step: int | None = None) -> None:
        """Record one value, now."""
        from mlflow.entities import Metric

        point = Metric(metric_name(name), float(value), round(time.time() * 1000), step or 0)
        with self._guard:
            self._waiting.append(point)

    def flush(self) -> None:
        """Write what is waiting; what could not be written stays waiting."""
        with self._guard:
            points = tuple(self._waiting)
        for first in range(0, len(points), _BATCH):
            batch = points[first : first + _BATCH]
            self._client.log_batch(self._run, metrics=batch)
            with self._guard:
                del self._waiting[: len(batch)]

    def _write_regularly(self) -> None:
        from mlflow.exceptions import MlflowException

        while not self._over.wait(_EVERY):
            try:
                self.flush()
            except MlflowException as error:  # a busy store must not stop a training: the next round tries again
                logging.getLogger(__name__).warning("metrics not written yet: %s", error.message)
