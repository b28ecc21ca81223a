"""Batches: short sentences packed into windows, windows of like length together; a function of seed and step alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from random import Random

from bioner.gliner.asking import Asking, Question
from bioner.gliner.examples import Example, Examples, Group
from bioner.seeds import generator
from bioner.windows import Limits

_OPEN = 8  # windows that a packed sentence may still go to
_POOL = 16  # batches that are sorted by length together


@dataclass(frozen=True, slots=True)
class Packed:
    """One window of training: some examples of one group, and what it is asked for, in the order of the prompt."""

    group: Group
    examples: tuple[Example, ...]
    prompt: tuple[Question, ...]

    @property
    def types(self) -> tuple[str, ...]:
        """The types that it is asked for."""
        return tuple(key for key, _ in self.prompt)

    @property
    def size(self) -> int:
        """Number of words."""
        return sum(len(example.words) for example in self.examples)


@dataclass(frozen=True, eq=False)
class Schedule:
    """All batches of a training.

    Attributes:
        asking: which types each window is asked for.
        batch_size: windows of a batch; the last one of an epoch may be smaller.
    """

    examples: Examples
    limits: Limits
    asking: Asking
    batch_size: int
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
        """The batches of an epoch: every example is in one window, and the window in one batch for each prompt."""
        rng = generator(self.seed, "epoch", str(number))
        windows = []
        for group, examples in sorted(self.examples.groups.items()):
            for packed in pack(rng.sample(examples, len(examples)), self.limits):
                present = {key for example in packed for _, _, key in example.spans}
                windows += [Packed(group, packed, prompt) for prompt in self.asking.prompts(group, present, rng)]
        return _bucket(windows, self.batch_size, rng)


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
