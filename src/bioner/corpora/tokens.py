"""The tokens of a document: those of the file it was read from, else its words; and the spans as extents of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bioner.corpora.detokenise import detokenise
from bioner.corpora.losses import OFF_TOKENS, SPACING, contiguous
from bioner.corpora.tags import Entity
from bioner.documents import Document, Fragment
from bioner.words import Words

TOKENS = "tokens"  # key of `Document.meta`: [start, end] of each token of a tokenised source


def kept(offsets: Iterable[Fragment]) -> dict[str, Any]:
    """The offsets of the tokens of a source, for `Document.meta`."""
    return {TOKENS: [list(offset) for offset in offsets]}


def tokens_of(document: Document, refused: re.Pattern[str] | None = None) -> list[Fragment]:
    """The offsets of the tokens that the source had; of the words, if it had none or they are not those of this text.

    Args:
        document: the document.
        refused: found in tokens that the format to be written cannot hold; then the words are taken.
    """
    text = document.text
    own = document.meta.get(TOKENS)
    if isinstance(own, list | tuple):
        offsets = [tuple(pair) for pair in own if isinstance(pair, list | tuple)]
        if len(offsets) == len(own) and _cover(offsets, text):
            found = [(start, end) for start, end in offsets]
            if not refused or not any(refused.search(text[start:end]) for start, end in found):
                return found
    return [(start, end) for start, end in Words.of(text).offsets if text[start:end] != "\0"]


def _cover(offsets: Sequence[tuple[Any, ...]], text: str) -> bool:
    """Whether they are ascending extents that leave out nothing but blanks."""
    reached = 0
    for offset in offsets:
        if len(offset) != 2 or any(type(part) is not int for part in offset):
            return False
        start, end = offset
        if not reached <= start < end <= len(text) or text[reached:start].strip():
            return False
        reached = end
    return not text[reached:].strip()


def joined(document: Document, tokens: Sequence[Fragment], lost: Counter[str]) -> list[str]:
    """The tokens themselves; counted is whether the text made of them again has other blanks than this one."""
    words = [document.text[start:end] for start, end in tokens]
    lost[SPACING] += detokenise(words, document.language)[0] != document.text
    return words


def place(
    document: Document, tokens: Sequence[Fragment], lost: Counter[str], bad_label: re.Pattern[str] | None = None
) -> list[Entity]:
    """The spans as first and last token (inclusive) and label, outer before inner; what has no such place is counted.

    Args:
        document: the document.
        tokens: the offsets of its tokens.
        lost: is added to.
        bad_label: found in the labels that the format cannot hold.
    """
    first = {start: index for index, (start, _) in enumerate(tokens)}
    last = {end: index for index, (_, end) in enumerate(tokens)}
    placed = []
    for span in contiguous(document, lost, bad_label):
        if span.start in first and span.end in last:
            placed.append((first[span.start], last[span.end], span.label))
        else:
            lost[OFF_TOKENS] += 1
    return sorted(placed, key=lambda entity: (entity[0], -entity[1]))
