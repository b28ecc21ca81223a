"""A text with symbols around its mentions, and back to their offsets in the text without them.

The symbols are square brackets, or any other pair. The text may hold some of its own. In a line and a text whose
symbols are balanced they are told apart by their partners (`symbol_pairs`); in another line, a symbol that stands next
in the text is its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bioner.corpora.symbol_pairs import outer_first, partners, placed, tell
from bioner.corpora.symbol_scan import BRACKETS, Scan, Symbols, scan
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
    balanced = not partners(found.symbols).alone and not partners(own.symbols).alone
    for rule in (_by_partners, _by_order) if balanced else (_by_order, _by_partners):
        extents = rule(found, own, text)
        if encode(text, extents, symbols) == line:
            return extents
    return None


def _by_partners(line: Scan, own: Scan, _: str) -> list[Fragment]:
    told = tell(line.symbols, own.symbols)
    ats = [symbol.at for symbol in line.symbols]
    return placed(told, own, [(ats[opening], ats[closing]) for opening, closing in told.mentions])


def _by_order(line: Scan, own: Scan, text: str) -> list[Fragment]:
    """A symbol is the text's own, if the same one stands next in the text."""
    starts = {symbol.start: symbol for symbol in own.symbols}
    extents, opened = [], []
    reached = at = 0
    for symbol in line.symbols:
        at += symbol.start - reached
        reached = symbol.end
        same = starts.get(at)
        if same and same.opens == symbol.opens:
            at = same.end
        elif symbol.opens:
            opened.append(at)
        elif opened and opened[-1] < at:
            extents.append((opened.pop(), at))
    return sorted((extent for extent in extents if extent[1] <= len(text)), key=outer_first)


def recovered(text: str, extents: Iterable[Fragment], symbols: Symbols = BRACKETS) -> list[Fragment]:
    """Those of nested extents that are read again as they were written; beside symbols of the text some are not.

    Whichever are lost, the others alone are read again: what is returned loses nothing.
    """
    kept = sorted(extents, key=outer_first)
    while (found := Counter(decode(encode(text, kept, symbols), text, symbols) or ())) != Counter(kept):
        kept = sorted((found & Counter(kept)).elements(), key=outer_first)
    return kept
