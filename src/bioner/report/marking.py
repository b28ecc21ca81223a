"""Marking: one text cut into pieces that carry the gold mentions above it and the predicted ones below it.

Every mention gets a lane, so that nested, crossing and discontinuous ones stay apart: the shortest lie nearest to the
text. The gap of a discontinuous mention is bridged by a dotted bar.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bioner.documents import Fragment
from bioner.words import Words

_WHOLE = 600  # characters up to which a text is shown whole
_AROUND = 120  # characters shown on both sides of an error in a longer text
_WORTH = 60  # characters from which it is worth leaving them out
_TAG_SIZE = 0.8  # of a tag's letters, against those of the text


@dataclass(frozen=True, slots=True)
class Mark:
    """A mention to be drawn.

    Attributes:
        fragments: as in `Span`.
        label: the type, as it is written beside the bar.
        right: whether both sides have this mention.
    """

    fragments: tuple[Fragment, ...]
    label: str
    right: bool

    @property
    def start(self) -> int:
        """Where the first fragment begins."""
        return self.fragments[0][0]

    @property
    def end(self) -> int:
        """Where the last fragment ends, exclusive."""
        return self.fragments[-1][1]

    def covers(self, place: int) -> bool:
        """Whether the character at `place` belongs to the mention, and not to its gap."""
        return any(start <= place < end for start, end in self.fragments)


@dataclass(frozen=True, slots=True)
class Bar:
    """The part of a mark that one piece carries.

    Attributes:
        mark: the mark.
        lane: 0 is next to the text.
        filled: false in the gap of a discontinuous mention.
        opens: whether the mark begins with this piece, as far as it is shown.
        closes: whether it ends with it, likewise.
    """

    mark: Mark
    lane: int
    filled: bool
    opens: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text over which no mention begins or ends.

    Attributes:
        text: the characters; empty where `skipped`.
        gold: the bars above.
        predicted: the bars below.
        skipped: how many characters without an error were left out here.
    """

    text: str
    gold: tuple[Bar, ...] = ()
    predicted: tuple[Bar, ...] = ()
    skipped: int = 0

    @property
    def head(self) -> str:
        """The first word, which never wraps: the tags hang on it."""
        words = Words.of(self.text).offsets
        return self.text[: words[0][1]] if words else self.text

    @property
    def tail(self) -> str:
        """What follows the first word."""
        return self.text[len(self.head) :]

    @property
    def lanes(self) -> tuple[int, int]:
        """How many lanes are needed above and below."""
        return _height(self.gold), _height(self.predicted)


def _height(bars: Sequence[Bar]) -> int:
    return max((bar.lane + 1 for bar in bars), default=0)


def mark_text(text: str, gold: Sequence[Mark], predicted: Sequence[Mark], *, whole: bool = False) -> list[Piece]:
    """Cut a text into pieces; of a long one only the surroundings of the errors are kept, unless `whole`."""
    upper, lower = _lanes(text, gold), _lanes(text, predicted)
    wrong = [mark for mark in (*gold, *predicted) if not mark.right]
    pieces: list[Piece] = []
    reached = 0
    for start, end in [(0, len(text))] if whole else _windows(text, wrong):
        if start > reached:
            pieces.append(Piece("", skipped=start - reached))
        cuts = _cuts(start, end, (*gold, *predicted))
        pieces += [Piece(text[a:b], _bars(upper, a, b, cuts), _bars(lower, a, b, cuts)) for a, b in pairwise(cuts)]
        reached = end
    return [*pieces, Piece("", skipped=len(text) - reached)] if reached < len(text) else pieces


def _cuts(start: int, end: int, marks: Iterable[Mark]) -> list[int]:
    edges = {edge for mark in marks for fragment in mark.fragments for edge in fragment if start < edge < end}
    return sorted(edges | {start, end})


def _bars(lanes: Sequence[tuple[Mark, int]], start: int, end: int, cuts: Sequence[int]) -> tuple[Bar, ...]:
    return tuple(
        Bar(mark, lane, mark.covers(start), max(mark.start, cuts[0]) == start, min(mark.end, cuts[-1]) == end)
        for mark, lane in lanes
        if mark.start <= start and end <= mark.end
    )


def _lanes(text: str, marks: Sequence[Mark]) -> list[tuple[Mark, int]]:
    """A lane for each mark, the lowest that is free over its extent and its tag; the shortest marks choose first."""
    taken: list[list[tuple[int, int]]] = []
    placed: list[tuple[Mark, int]] = []
    for mark in sorted(set(marks), key=lambda mark: (mark.end - mark.start, mark.fragments, mark.label)):
        start, end = mark.start, _reach(text, mark)
        lane = next((n for n, busy in enumerate(taken) if all(end <= a or b <= start for a, b in busy)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((start, end))
        placed.append((mark, lane))
    return placed


def _reach(text: str, mark: Mark) -> int:
    """Where a mark ends for its neighbours: behind its last character or behind its tag, whichever is later."""
    needed = _width(mark.label) * _TAG_SIZE + 1
    place = mark.start
    while place < len(text) and needed > 0:
        needed -= _width(text[place])
        place += 1
    return max(mark.end, place)


def _width(text: str) -> int:
    """The width in half ems: a Chinese character is about twice as wide as a Latin letter."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _windows(text: str, wrong: Iterable[Mark]) -> list[tuple[int, int]]:
    """The parts of a text to show: all of a short one, else what lies around the marks, cut at words.

    Without a mark it is the beginning.
    """
    words = Words.of(text).offsets
    if len(text) <= _WHOLE or not words:
        return [(0, len(text))]
    starts, ends = zip(*words, strict=True)
    windows: list[tuple[int, int]] = []
    for mark in sorted(wrong, key=lambda mark: mark.start):
        start = starts[max(bisect_right(starts, mark.start - _AROUND) - 1, 0)]
        end = ends[min(bisect_left(ends, mark.end + _AROUND), len(ends) - 1)]
        start, end = 0 if start < _WORTH else start, len(text) if len(text) - end < _WORTH else end
        if windows and start - windows[-1][1] < _WORTH:
            start, end = windows[-1][0], max(end, windows.pop()[1])
        windows.append((start, end))
    return windows or [(0, ends[min(bisect_left(ends, _WHOLE), len(ends) - 1)])]
