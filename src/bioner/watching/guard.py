"""What cannot be read is counted and told, and hides nothing else."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bioner.redaction import without_secrets

_LOG = logging.getLogger(__name__)


class Guard:
    """Counts the sources that could not be read, since the program began."""

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        self._told: dict[str, str] = {}

    @contextmanager
    def reading(self, source: str, place: str) -> Iterator[None]:
        """Around the reading of a source: a file that is half written, damaged or gone, a server that is away.

        Args:
            source: what is counted.
            place: what is told, once for each new problem that it has.
        """
        try:
            yield
        except Exception as error:  # noqa: BLE001 (whatever is wrong with one source, the others are told)
            self.errors[source] += 1
            problem = without_secrets(f"{type(error).__name__}: {error}")
            if self._told.get(place) != problem:
                _LOG.warning("%s cannot be read: %s", place, problem)
            self._told[place] = problem
        else:
            self._told.pop(place, None)
