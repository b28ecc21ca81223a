"""Pairs of symbols in a string, and which of them are its text's own and which stand around mentions.

They are told apart by their partners. A pair is the text's own, if it encloses what a pair of the text does; of two
that enclose the same, the outer one is the text's own. A symbol without a partner is the text's own where the text has
one like it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from bioner.corpora.symbol_scan import Scan, Symbol
from bioner.documents import Fragment


class Told(NamedTuple):
    """The symbols of a line, told apart; by their numbers in the line.

    Attributes:
        mentions: pairs around mentions, in the order in which they open.
        own: symbol of the line -> the symbol of the text that it copies.
        alone: how many have no partner and are not the text's.
        missing: how many of the text's the line lacks.
    """

    mentions: list[tuple[int, int]]
    own: dict[int, int]
    alone: int
    missing: int


def tell(line: Sequence[Symbol], text: Sequence[Symbol]) -> Told:
    """Tell the symbols around mentions from those of the text, whose places `at` are counted alike in both."""
    pairs, singles = partners(line)
    own_pairs, own_singles = partners(text)
    own: dict[int, int] = {}
    waiting: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for opening, closing in reversed(own_pairs):
        waiting[text[opening].at, text[closing].at].append((opening, closing))
    mentions = []
    for opening, closing in pairs:
        same = waiting[line[opening].at, line[closing].at]
        if same:
            own[opening], own[closing] = same.pop()
        else:
            mentions.append((opening, closing))
    unmatched: dict[tuple[bool, int], list[int]] = defaultdict(list)
    for number in reversed(own_singles):
        unmatched[text[number][:2]].append(number)
    for number in singles:
        if alike := unmatched[line[number][:2]]:
            own[number] = alike.pop()
    alone = sum(number not in own for number in singles)
    return Told(mentions, own, alone, len(text) - len(own))


class Partners(NamedTuple):
    """The pairs of symbols in the order in which they open, and those without a partner; by their numbers."""

    pairs: list[tuple[int, int]]
    alone: list[int]


def partners(symbols: Sequence[Symbol]) -> Partners:
    """Pair each closing symbol with the last opening one that is left."""
    pairs, alone, opened = [], [], []
    for number, symbol in enumerate(symbols):
        if symbol.opens:
            opened.append(number)
        elif opened:
            pairs.append((opened.pop(), number))
        else:
            alone.append(number)
    return Partners(sorted(pairs), sorted(alone + opened))


def placed(told: Told, text: Scan, bare: Sequence[Fragment | None]) -> list[Fragment]:
    """The extents of mentions in the text, outer before inner, from those in the text without its symbols.

    Args:
        told: the symbols of the line.
        text: the text.
        bare: the extent of each of `told.mentions` in `text.bare`; `None` if it has none. An empty one is left out.
    """
    ordered = sorted(told.own)
    ats = [symbol.at for symbol in text.symbols]

    def index(place: int) -> int:
        """Where a character of the text without symbols stands in the text."""
        before = bisect_right(ats, place)
        return place + (text.symbols[before - 1].end - ats[before - 1] if before else 0)

    def own(number: int) -> Symbol | None:
        """The symbol of the text that the line copies there."""
        return text.symbols[told.own[ordered[number]]] if 0 <= number < len(ordered) else None

    extents = []
    for (opening, closing), extent in zip(told.mentions, bare, strict=True):
        if extent is None or extent[0] >= extent[1]:
            continue
        start, end = index(extent[0]), index(extent[1] - 1) + 1
        # A symbol of the text that stands at the edge of a mention is within it, if it is so in the line.
        following, preceding = own(bisect_right(ordered, opening)), own(bisect_left(ordered, closing) - 1)
        if following and following.at <= extent[0] and not text.bare[following.at : extent[0]].strip():
            start = following.start
        if preceding and preceding.at >= extent[1] and not text.bare[extent[1] : preceding.at].strip():
            end = preceding.end
        extents.append((start, end))
    return sorted(extents, key=outer_first)


def outer_first(extent: Fragment) -> tuple[int, int]:
    """The order of mentions: by their beginning, the longer before the shorter."""
    return extent[0], -extent[1]
