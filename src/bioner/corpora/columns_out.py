"""Token columns, written: one token a line with its IOB2 tags, separated by tabs, and a blank line after a sentence.

A document of one sentence is a sentence of the file, until one of several sentences comes (a newline in its text ends
one): from there on a `-DOCSTART-` line begins each document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bioner.corpora.detokenise import detokenise
from bioner.corpora.iob import DOCSTART
from bioner.corpora.losses import ACROSS, EMPTY_TEXT, SPACING, count_unheld
from bioner.corpora.tags import BOTH, OUTSIDE, Entity, column
from bioner.corpora.tokens import TOKENS, place, tokens_of
from bioner.documents import Document, Fragment

_BAD_TOKEN = re.compile(rf"[\t\r\n\0]|^\s|\s$|^{DOCSTART}")
_BAD_LABEL = re.compile(rf"[\t\r\n\0{BOTH}]|^\s|\s$")

Sentence = tuple[list[str], list[Entity]]  # tokens, and entities as indices of them


def sentences(document: Document, lost: Counter[str]) -> list[Sentence]:
    """The sentences of a document with their entities; what the format cannot hold is counted."""
    count_unheld(document, lost, identity=False, meta=[TOKENS])
    text = document.text
    tokens = tokens_of(document, _BAD_TOKEN)
    entities = place(document, tokens, lost, _BAD_LABEL)
    found: list[Sentence] = []
    for first, last in _extents(text, tokens):
        inside = [(a - first, b - first, label) for a, b, label in entities if first <= a and b <= last]
        found.append(([text[start:end] for start, end in tokens[first : last + 1]], inside))
    lost[ACROSS] += len(entities) - sum(len(inside) for _, inside in found)
    lost[EMPTY_TEXT] += not found
    again = "\n".join(detokenise(words, document.language)[0] for words, _ in found)
    lost[SPACING] += bool(found) and again != text
    return found


def _extents(text: str, tokens: Sequence[Fragment]) -> Iterator[tuple[int, int]]:
    """The first and last token of each sentence."""
    first = 0
    for index, ((_, end), (start, _)) in enumerate(pairwise(tokens)):
        if "\n" in text[end:start]:
            yield first, index
            first = index + 1
    if tokens:
        yield first, len(tokens) - 1


class Blocks:
    """The blocks of a file, one a document.

    Args:
        columns: how many columns of tags there are.
    """

    def __init__(self, columns: int) -> None:
        self._start = "\t".join([DOCSTART, *[OUTSIDE] * columns]) + "\n\n"
        self._marked = False

    def of(self, document: Sequence[tuple[list[str], list[list[Entity]]]]) -> str:
        """The lines of a document: for each sentence its tokens, and the entities of each column."""
        self._marked = self._marked or len(document) > 1
        parts = [self._start] if self._marked and document else []
        for tokens, layers in document:
            tags = [column(layer, len(tokens)) for layer in layers]
            parts += ["\t".join(row) + "\n" for row in zip(tokens, *tags, strict=True)]
            parts.append("\n")
        return "".join(parts)
