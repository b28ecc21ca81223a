"""Claims about a window: its gold spans, and wrong ones that were made from them or that a tagger has found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bioner.tagger.examples import Example
from bioner.tagger.symbols import Extent

_SHIFTS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-2, 0), (0, 2))

Typed = tuple[str, Extent]  # a span under a type


@dataclass(frozen=True, slots=True)
class Attempt(Example):
    """A window, and what a tagger has found in it that had not learnt from it (see `own_errors`)."""

    found: tuple[Typed, ...] = ()

    @property
    def gold(self) -> set[Typed]:
        """The gold spans."""
        return {(key, extent) for key, extents in self.mentions.items() for extent in extents}


@dataclass(frozen=True, slots=True)
class Claim:
    """A span under a type, and whether it is a gold span.

    Attributes:
        rival: number of the gold span, in their order in the window, that this one is ranked against: of itself for a
            gold span, and -1 for a wrong one that lies where no gold span does.
    """

    key: str
    extent: Extent
    right: bool
    rival: int


def claims_of(attempt: Attempt, negatives: int, random: Random) -> list[Claim]:
    """Every gold span of a window, each followed by its wrong claims; those without a gold span come last.

    All that a tagger has found wrongly is claimed. A gold span that has fewer than `negatives` such claims gets as many
    more that are made from it, as far as there are: its boundaries moved, or another type.
    """
    gold = sorted(attempt.gold)
    errors: dict[int, list[Typed]] = {}
    for wrong in sorted(set(attempt.found) - set(gold)):
        errors.setdefault(_rival(wrong, gold), []).append(wrong)
    claims: list[Claim] = []
    for number, (key, extent) in enumerate(gold):
        own = errors.get(number, [])
        made = _made(attempt, (key, extent), {*gold, *own}, negatives - len(own), random)
        claims.append(Claim(key, extent, right=True, rival=number))
        claims += [Claim(*wrong, right=False, rival=number) for wrong in (*own, *made)]
    return claims + [Claim(*wrong, right=False, rival=-1) for wrong in errors.get(-1, [])]


def _rival(wrong: Typed, gold: Sequence[Typed]) -> int:
    """Number of the gold span that shares most words with a wrong one, of several one of its type; -1 if none does."""

    def likeness(number: int) -> tuple[int, bool]:
        key, (first, last) = gold[number]
        return min(last, wrong[1][1]) - max(first, wrong[1][0]) + 1, key == wrong[0]

    nearest = max(range(len(gold)), key=likeness, default=-1)
    return nearest if nearest >= 0 and likeness(nearest)[0] > 0 else -1


def _made(attempt: Attempt, right: Typed, known: set[Typed], count: int, random: Random) -> Iterator[Typed]:
    """Up to `count` wrong claims from a gold span, a third of them of another type."""
    key, extent = right
    moved = sorted(_moved(key, extent, len(attempt.words)) - known)
    renamed = sorted({(other, extent) for other in attempt.mentions} - known)
    for _ in range(count):
        pool = renamed if renamed and (not moved or random.random() < 1 / 3) else moved
        if pool:
            yield pool.pop(random.randrange(len(pool)))


def _moved(key: str, extent: Extent, length: int) -> set[Typed]:
    moved = ((extent[0] + left, extent[1] + right) for left, right in _SHIFTS)
    return {(key, (first, last)) for first, last in moved if 0 <= first <= last < length}
