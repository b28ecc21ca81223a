"""Batches: short sentences packed into windows, windows of like length together; a function of seed and step alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from random import Random

from bioner.gliner.examples import Example, Examples, Group
from bioner.seeds import generator
from bioner.windows import Limits

_OPEN = 8  # windows that a packed sentence may still go to
_POOL = 16  # batches that are sorted by length together


@dataclass(frozen=True, slots=True)
class Packed:
    """One window of training: some examples of one group, and the types it is asked for, in the order of the prompt."""

    group: Group
    examples: tuple[Example, ...]
    types: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of words."""
        return sum(len(example.words) for example in self.examples)


@dataclass(frozen=True, eq=False)
class Schedule:
    """All batches of a training.

    Attributes:
        batch_size: windows of a batch; the last one of an epoch may be smaller.
        max_types: most types of a prompt.
        negatives: types sampled in addition to those that occur in the window.
    """

    examples: Examples
    limits: Limits
    batch_size: int
    max_types: int
    negatives: int
    seed: int

    def at(self, step: int) -> list[Packed]:
        """The batch of a step, counted from 0 over all epochs."""
        for epoch in count():
            batches = _epoch(self, epoch)
            if step < len(batches):
                return batches[step]
            step -= len(batches)
        raise AssertionError  # count() does not end

    def epoch(self, number: int) -> list[list[Packed]]:
        """The batches of an epoch: every example is in one of them."""
        rng = generator(self.seed, "epoch", str(number))
        windows = []
        for group, examples in sorted(self.examples.groups.items()):
            for packed in pack(rng.sample(examples, len(examples)), self.limits):
                windows.append(Packed(group, packed, self._types(group, packed, rng)))
        return _bucket(windows, self.batch_size, rng)

    def _types(self, group: Group, examples: Sequence[Example], rng: Random) -> tuple[str, ...]:
        known = self.examples.types[group]
        present = {key for example in examples for _, _, key in example.spans}
        absent = [key for key in known if key not in present]
        asked = [key for key in known if key in present]
        asked += rng.sample(absent, min(max(self.negatives, int(not present)), len(absent)))
        return tuple(rng.sample(asked, min(len(asked), self.max_types)))


@lru_cache(maxsize=4)
def _epoch(schedule: Schedule, number: int) -> list[list[Packed]]:
    return schedule.epoch(number)


def pack(examples: Sequence[Example], limits: Limits) -> list[tuple[Example, ...]]:
    """Put examples into windows, each into the first of the latest windows that has room for it."""
    windows: list[list[Example]] = []
    room: list[tuple[int, int]] = []  # words and tokens left in each window
    for example in examples:
        words, tokens = len(example.words), example.tokens
        for place in range(max(0, len(windows) - _OPEN), len(windows)):
            if words <= room[place][0] and tokens <= room[place][1]:
                break
        else:
            place = len(windows)
            windows.append([])
            room.append((limits.words, limits.tokens))
        windows[place].append(example)
        room[place] = room[place][0] - words, room[place][1] - tokens
    return [tuple(window) for window in windows]


def _bucket(windows: Sequence[Packed], batch_size: int, rng: Random) -> list[list[Packed]]:
    shuffled = rng.sample(windows, len(windows))
    batches = []
    for first in range(0, len(shuffled), _POOL * batch_size):
        pool = sorted(shuffled[first : first + _POOL * batch_size], key=lambda window: window.size)
        batches += [pool[start : start + batch_size] for start in range(0, len(pool), batch_size)]
    return rng.sample(batches, len(batches))
