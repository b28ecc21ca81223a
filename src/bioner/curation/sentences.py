"""Sentences: one simple splitter for English and Chinese, by punctuation alone.

Chinese sentences end after `。！？` (and quotes or brackets that close there). English ones end after `. ! ?` where
a blank and then a capital, a digit or an opening mark follow, unless the point belongs to an abbreviation.
A newline ends a sentence in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSING = "\"'”’)\\]）」』】》"
_END = re.compile(
    rf"[。！？]+[{_CLOSING}]*"
    rf"|[.!?]+[{_CLOSING}]*(?=\s+[\"'“‘(\[]*[A-Z0-9\u0370-\u03ff\u4e00-\u9fff])"
    r"|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:e\.g|i\.e|et al|cf|vs|approx|ca|resp|Figs?|Tabs?|Nos?|Refs?|Dr|Mrs?|Prof|St|spp?)\.$"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of each sentence in code points of the text, without blanks around it; none is empty."""
    begin = 0
    for match in _END.finditer(text):
        if match[0] == "." and _ABBREVIATION.search(text, max(begin, match.end() - 12), match.end()):
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    stripped = part.strip()
    if stripped:
        first = start + len(part) - len(part.lstrip())
        yield first, first + len(stripped)
