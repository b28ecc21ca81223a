"""What a format cannot hold: the reasons under which the writers count it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from bioner.corpora.reading import DROPPED
from bioner.documents import Document, Span

ID = "id"  # of a document
META = "meta"  # of a document, in whole or in part
ANNOTATION = "annotation"  # a span, where the format has none
SCORE = "score"  # of a span
LABEL = "label"  # a span whose label has a character that ends a field of the format
DISCONTINUOUS = "discontinuous"
NESTED = "nested"
CROSSING = "crossing"
OFF_TOKENS = "not at token boundaries"
ACROSS = "across sentences"
SPACING = "blanks of the text"  # a document whose tokens, joined again, have other blanks between them
BLANKED = "characters written as blanks"  # one for one, so that offsets stay
BRACKETS = "beside brackets of the text"  # where they cannot be told from those around mentions
EMPTY_TEXT = "empty text"  # a document without characters

_LINE_ENDS = re.compile("[\r\n\0]")


def contiguous(document: Document, lost: Counter[str], bad_label: re.Pattern[str] | None = None) -> list[Span]:
    """The spans that a format of one extent a span can hold; those it cannot are counted.

    Args:
        lost: is added to.
        bad_label: found in the labels that the format cannot hold.
    """
    kept = []
    for span in document.spans:
        if not span.contiguous:
            lost[DISCONTINUOUS] += 1
        elif bad_label and bad_label.search(span.label):
            lost[LABEL] += 1
        else:
            kept.append(span)
    return kept


def count_unheld(
    document: Document, lost: Counter[str], *, identity: bool, meta: Collection[str], scores: bool = False
) -> None:
    """Count the id, the meta and the scores of a document that the format has no place for.

    Args:
        document: the document.
        lost: is added to.
        identity: whether the format holds the id.
        scores: whether it holds the scores.
        meta: the keys of `Document.meta` that it holds. What an earlier reading dropped is no part of the document.
    """
    lost[ID] += not identity
    lost[META] += bool(set(document.meta) - set(meta) - {DROPPED})
    lost[SCORE] += not scores and sum(span.score is not None for span in document.spans)


def one_line(text: str, lost: Counter[str], others: re.Pattern[str] = _LINE_ENDS) -> str:
    """The text with a blank for each character that ends a line or is NUL (or that `others` finds); counted."""

    def blank(match: re.Match[str]) -> str:
        lost[BLANKED] += len(match[0])
        return " " * len(match[0])

    return others.sub(blank, text)


def named(lost: Counter[str]) -> Counter[str]:
    """The reasons that came up."""
    return +lost
