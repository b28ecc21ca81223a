"""Tagged lines: nested mentions of one type as a sequence of words and symbols, and back, without loss.

A line is a sequence of items: the index of each word of the text in order, with `OPEN` before the first word of a
mention and `CLOSE` after its last. A word that looks like a symbol is still a word, because items are told apart by
kind; `bioner.tagger.pieces` keeps them apart in the model's tokens too. The line ends with `END`, right after the
last symbol: the words that follow hold no mention and need no copying.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bioner.documents import Span
from bioner.words import Words

OPEN = -1
CLOSE = -2
END = -3
DEEPEST = 8  # mentions of one type that lie within each other; GENIA and CMeEE stay below 5

Extent = tuple[int, int]  # first and last word of a mention, both inclusive


def extents_of(spans: Iterable[Span], key: str, words: Words) -> tuple[tuple[Extent, ...], Counter[str]]:
    """The mentions of one type that a model is taught, outer before inner, and how many it is not, by reason.

    A discontinuous mention and one that does not begin and end at words are dropped; of two that cross, the shorter
    one is, and so is what lies within `DEEPEST` others. Mentions of the same extent are one mention.
    """
    lost: Counter[str] = Counter()
    found: set[Extent] = set()
    for span in spans:
        if span.label != key:
            continue
        place = words.locate(span)
        if place is not None:
            found.add(place)
        else:
            lost["not at word boundaries" if span.contiguous else "discontinuous"] += 1
    kept: list[Extent] = []
    for extent in sorted(found, key=lambda e: (e[0] - e[1], e)):
        if any(_cross(extent, other) for other in kept):
            lost["crossing"] += 1
        elif sum(other[0] <= extent[0] and extent[1] <= other[1] for other in kept) >= DEEPEST:
            lost["nested too deep"] += 1
        else:
            kept.append(extent)
    return tuple(sorted(kept, key=outer_first)), lost


def _cross(one: Extent, other: Extent) -> bool:
    first, second = min(one, other), max(one, other)
    return first[0] < second[0] <= first[1] < second[1]


def outer_first(extent: Extent) -> tuple[int, int]:
    """Sorts mentions by where they begin, outer before inner."""
    return extent[0], -extent[1]


def encode(extents: Iterable[Extent]) -> tuple[int, ...]:
    """The line of nested extents (no two equal, none crossing)."""
    items: list[int] = []
    stack: list[Extent] = []
    word = 0
    for extent in sorted(extents, key=outer_first):
        word = _close(items, stack, word, extent[0])
        items.extend(range(word, extent[0]))
        word = extent[0]
        items.append(OPEN)
        stack.append(extent)
    _close(items, stack, word, None)
    return (*items, END)


def _close(items: list[int], stack: list[Extent], word: int, before: int | None) -> int:
    """Close the open extents that end before the word `before` (all, if `None`); the next word to write."""
    while stack and (before is None or stack[-1][1] < before):
        last = stack.pop()[1]
        items.extend(range(word, last + 1))
        word = last + 1
        items.append(CLOSE)
    return word


def parse(items: Sequence[int]) -> dict[Extent, tuple[int, int]]:
    """The extents of a line, outer before inner, each with the places of its two symbols; the inverse of `encode`."""
    found: dict[Extent, tuple[int, int]] = {}
    opened: list[tuple[int, int]] = []
    word = 0
    for place, item in enumerate(items):
        if item == OPEN:
            opened.append((word, place))
        elif item == CLOSE:
            first, begun = opened.pop()
            found[first, word - 1] = (begun, place)
        elif item != END:
            word = item + 1
    return {extent: found[extent] for extent in sorted(found, key=outer_first)}
