"""Mentions: what is a duplicate, what overlaps, and which shape a mention has."""

from __future__ import annotations

from itertools import product

import pytest
from brute_force import case, document, keys, sides
from hypothesis import given

from bioner.documents import Span
from bioner.evaluation.mentions import Case, distinct, shapes


def test_touching_fragments_are_one_extent() -> None:
    joined, split = Span.of(2, 7, "A"), Span(((2, 4), (4, 7)), "A")
    assert [mention.extent for mention in distinct([joined, split])] == [((2, 7),)]


def test_of_duplicates_the_surest_is_kept_whatever_the_order() -> None:
    found = [Span.of(0, 2, "A", 0.3), Span.of(0, 2, "A", 0.9), Span.of(0, 2, "A")]
    assert [mention.span for mention in distinct(found)] == [found[1]]
    assert distinct(found) == distinct(found[::-1])


@given(sides)
def test_distinct_keeps_every_set_of_characters_and_label_once(side: list[Span]) -> None:
    kept = [mention.span for mention in distinct(side)]
    assert len(kept) == len(keys(side))
    assert keys(kept) == keys(side)


@given(sides, sides)
def test_edges_are_the_shared_characters(gold: list[Span], predicted: list[Span]) -> None:
    one = case(gold, predicted)
    golds, predictions = ([next(iter(keys([m.span])))[0] for m in side] for side in (one.gold, one.predicted))
    expected = {
        (i, j): len(golds[i] & predictions[j])
        for i, j in product(range(len(golds)), range(len(predictions)))
        if golds[i] & predictions[j]
    }
    assert one.edges == expected


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ([Span.of(0, 2, "A"), Span.of(2, 4, "A")], ["flat", "flat"]),
        ([Span.of(0, 4, "A"), Span.of(1, 2, "B")], ["nested", "nested"]),
        ([Span.of(0, 3, "A"), Span.of(2, 5, "A")], ["nested", "nested"]),
        ([Span.of(0, 3, "A"), Span.of(0, 3, "B")], ["nested", "nested"]),
        ([Span.of(0, 3, "A"), Span.of(0, 3, "A")], ["flat"]),
        ([Span(((0, 2), (4, 6)), "A"), Span.of(2, 4, "A")], ["discontinuous", "flat"]),
        ([Span(((0, 2), (4, 6)), "A"), Span.of(5, 6, "A")], ["discontinuous", "nested"]),
        ([Span(((0, 2), (2, 6)), "A")], ["flat"]),
    ],
)
def test_shapes(side: list[Span], expected: list[str]) -> None:
    assert shapes(distinct(side)) == expected


def test_a_duplicate_nests_nothing_even_where_it_is_kept() -> None:
    twice = document([Span.of(0, 3, "A"), Span.of(0, 3, "A")])
    assert Case.as_given(twice, twice).gold_shapes == ["flat", "flat"]
