"""Tagged text as people and other systems write it, read as mentions of the text that it copies.

A line that is the text with symbols added is read exactly, also where the text holds such symbols (`symbol_pairs`
tells them apart). Any other line is aligned with the text, a named mode says what becomes of mentions that are not as
in the text, and every mismatch is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from bioner.corpora.bracketed import decode
from bioner.corpora.symbol_pairs import placed, tell
from bioner.corpora.symbol_scan import BRACKETS, Symbols, scan
from bioner.documents import Fragment, Span
from bioner.tagger.copies import Copy, Mode

ALONE = "symbols without a partner"
MISSING = "symbols of the text dropped"
MOVED = "symbols of the text moved"  # once a line of which nothing else is wrong
REPEATED = "mentions repeated"
UNTYPED = "lines without a type"
AGAIN = "types answered again"  # the first answer counts


class Tagged(NamedTuple):
    """What a line says.

    Attributes:
        mentions: their extents in the text, outer before inner.
        mismatches: what is wrong with the line, by reason; empty if it is the text with symbols added.
    """

    mentions: list[Fragment]
    mismatches: Counter[str]


def parse(line: str, text: str, symbols: Symbols = BRACKETS, mode: Mode = "strict") -> Tagged:
    """The mentions of one line.

    Args:
        line: a copy of the text with symbols around its mentions, which may be wrong in any way.
        text: what was to be copied.
        symbols: what stands around mentions.
        mode: of mentions whose words are not those of the text (`bioner.tagger.copies.Copy.place`).
    """
    exact = decode(line, text, symbols)
    if exact is not None:
        return Tagged(exact, Counter())
    found, own = scan(line, symbols), scan(text, symbols)
    copy = Copy(found.bare, own.bare)
    mismatches = copy.mismatches()
    told = tell(
        [symbol._replace(at=copy.of_copy(symbol.at, opens=symbol.opens)) for symbol in found.symbols],
        [symbol._replace(at=copy.of_text(symbol.at)) for symbol in own.symbols],
    )
    extents: list[Fragment | None] = []
    for opening, closing in told.mentions:
        extent, wrong = copy.place(found.symbols[opening].at, found.symbols[closing].at, mode)
        extents.append(extent)
        mismatches[wrong] += bool(wrong)
    every = placed(told, own, extents)
    mentions = list(dict.fromkeys(every))
    mismatches.update({ALONE: told.alone, MISSING: told.missing, REPEATED: len(every) - len(mentions)})
    return Tagged(mentions, +mismatches or Counter({MOVED: 1}))


def parse_answer(
    answer: str, text: str, names: Mapping[str, str], symbols: Symbols = BRACKETS, mode: Mode = "strict"
) -> tuple[list[Span], Counter[str]]:
    """The mentions of an answer of several types: `name: line` for each, one below the other.

    A line that does not begin with a name goes on with the one above, as where the text has lines of its own. Blanks
    around a line and around the text do not count.

    Args:
        names: how each type is named in the answer -> its key.

    Returns:
        the mentions, and what is wrong, by reason.
    """
    begin = len(text) - len(text.lstrip())
    spans: list[Span] = []
    mismatches: Counter[str] = Counter()
    seen: set[str] = set()
    before, *parts = _split(answer, names)
    mismatches[UNTYPED] += sum(bool(line.strip()) for line in before.splitlines())
    for name, line in zip(parts[::2], parts[1::2], strict=True):
        key = names[name]
        if key in seen:
            mismatches[AGAIN] += 1
            continue
        seen.add(key)
        tagged = parse(line.strip(), text.strip(), symbols, mode)
        mismatches.update(tagged.mismatches)
        spans += [Span.of(start + begin, end + begin, key) for start, end in tagged.mentions]
    return spans, +mismatches


def _split(answer: str, names: Mapping[str, str]) -> list[str]:
    """What stands before the first name, and then each name and what stands behind it."""
    if not names:
        return [answer]
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.split(rf"^[^\S\n]*({either})[^\S\n]*[:：]", answer, flags=re.MULTILINE)
