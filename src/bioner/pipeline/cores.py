"""The cores of this machine, lent to stages: two that compute on all of them take longer side by side than in turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Cores:
    """A number of cores that stages take and give back.

    Attributes:
        total: how many there are.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._changed = Condition()

    @classmethod
    def of_machine(cls) -> Cores:
        """Those that this process may use."""
        return cls(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)

    @contextmanager
    def taking(self, count: int) -> Iterator[None]:
        """Hold `count` cores (all of them, if there are fewer) during the block; waits until they are free."""
        count = min(count, self.total)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= count)
            self._free -= count
        try:
            yield
        finally:
            with self._changed:
                self._free += count
                self._changed.notify_all()
