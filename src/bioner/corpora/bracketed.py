"""A text with symbols around its mentions, and back to their offsets in the text without them.

The symbols are square brackets, or any other pair. The text may hold some of its own; `symbol_pairs` tells them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bioner.corpora.symbol_pairs import outer_first, placed, tell
from bioner.corpora.symbol_scan import BRACKETS, Symbols, scan
from bioner.documents import Fragment


def without(line: str, symbols: Symbols = BRACKETS) -> str:
    """The line without any symbol."""
    return scan(line, symbols).bare


def encode(text: str, extents: Iterable[Fragment], symbols: Symbols = BRACKETS) -> str:
    """The text with symbols around extents, which may nest and repeat but not cross."""
    opened: Counter[int] = Counter()
    closed: Counter[int] = Counter()
    for start, end in extents:
        opened[start] += 1
        closed[end] += 1
    parts, reached = [], 0
    for place in sorted({*opened, *closed}):
        parts += [text[reached:place], symbols.closing * closed[place], symbols.opening * opened[place]]
        reached = place
    return "".join((*parts, text[reached:]))


def decode(line: str, text: str, symbols: Symbols = BRACKETS) -> list[Fragment] | None:
    """The extents of the mentions, outer before inner; `None` if the line is not the text with symbols added."""
    found, own = scan(line, symbols), scan(text, symbols)
    if found.bare != own.bare:
        return None
    told = tell(found.symbols, own.symbols)
    ats = [symbol.at for symbol in found.symbols]
    extents = placed(told, own, [(ats[opening], ats[closing]) for opening, closing in told.mentions])
    return extents if encode(text, extents, symbols) == line else None


def recovered(text: str, extents: Iterable[Fragment], symbols: Symbols = BRACKETS) -> list[Fragment]:
    """Those of nested extents that are read again as they were written; beside symbols of the text some are not.

    Whichever are lost, the others alone are read again: what is returned loses nothing.
    """
    kept = sorted(extents, key=outer_first)
    while (found := Counter(decode(encode(text, kept, symbols), text, symbols) or ())) != Counter(kept):
        kept = sorted((found & Counter(kept)).elements(), key=outer_first)
    return kept
