"""Tests of the tokens of a document and of the place of spans in them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from bioner.corpora.losses import DISCONTINUOUS, LABEL, OFF_TOKENS, SPACING
from bioner.corpora.tokens import joined, kept, place, tokens_of
from bioner.documents import Document, Span

TEXT = "ER- cells grow"
OWN = [(0, 9), (10, 14)]
WORDS = [(0, 2), (2, 3), (4, 9), (10, 14)]


def _document(tokens: Any = None, *spans: Span) -> Document:
    return Document("1", TEXT, "en", spans, "", {} if tokens is None else {"tokens": tokens})


def test_the_tokens_of_the_source_are_taken_else_the_words() -> None:
    assert kept(OWN) == {"tokens": [[0, 9], [10, 14]]}
    assert tokens_of(_document(**kept(OWN))) == OWN
    assert tokens_of(_document()) == WORDS
    assert tokens_of(_document(**kept(OWN)), re.compile(" ")) == WORDS


@pytest.mark.parametrize(
    "tokens",
    [
        "text",
        [[0, 9]],
        [[10, 14]],
        [[0, 9], [10, 15]],
        [[10, 14], [0, 9]],
        [[0, 9], [8, 14]],
        [[0, 9], [9, 9], [10, 14]],
        [[0, 9, 1], [10, 14]],
        [[0, 9.0], [10, 14]],
        [0, 14],
        [],
    ],
)
def test_tokens_that_are_not_those_of_the_text_are_not_taken(tokens: Any) -> None:
    assert tokens_of(_document(tokens)) == WORDS


def test_spans_have_places_or_are_counted() -> None:
    spans = (
        Span.of(4, 9, "c"),
        Span.of(0, 9, "c"),
        Span.of(1, 9, "c"),
        Span(((0, 2), (4, 9)), "c"),
        Span.of(0, 2, "|"),
    )
    lost: Counter[str] = Counter()
    document = _document(None, *spans)
    assert place(document, tokens_of(document), lost, re.compile(r"\|")) == [(0, 2, "c"), (2, 2, "c")]
    assert lost == {OFF_TOKENS: 1, DISCONTINUOUS: 1, LABEL: 1}


def test_other_blanks_than_those_of_the_rule_are_counted() -> None:
    lost: Counter[str] = Counter()
    assert joined(_document(), OWN, lost) == ["ER- cells", "grow"]
    assert not +lost
    joined(_document(), WORDS, lost)  # makes "ER-cells grow"
    assert lost == {SPACING: 1}
