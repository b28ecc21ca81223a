"""Tests of the counts over documents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.corpora.statistics import Statistics, count_nested
from bioner.documents import Document, Span


def test_every_figure() -> None:
    spans = (Span.of(0, 4, "b"), Span.of(0, 8, "a"), Span(((0, 2), (6, 8)), "a"))
    documents = [Document("1", "乙肝 ab cd", "zh", spans), Document("1", "x y", "en"), Document("2", "x y", "en")]
    assert Statistics.of(documents).to_record() == {
        "documents": 3,
        "words": 8,
        "entities": 3,
        "nested": 2,
        "discontinuous": 1,
        "repeated_ids": 1,
        "repeated_texts": 1,
        "types": {"a": 2, "b": 1},
    }


EXTENTS = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 9)).filter(lambda pair: pair[0] < pair[1]), max_size=12)


@given(EXTENTS)
def test_nested_agrees_with_the_definition(extents: list[tuple[int, int]]) -> None:
    spans = [Span.of(start, end, "x") for start, end in extents]
    expected = 0
    for index, (start, end) in enumerate(extents):
        wider = any((s, e) != (start, end) and s <= start and end <= e for s, e in extents)
        expected += wider or (start, end) in extents[:index]
    assert count_nested(spans) == expected
