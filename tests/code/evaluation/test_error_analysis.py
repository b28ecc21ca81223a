"""Error analysis: every difference is named once, and the counts add up."""

from __future__ import annotations

from collections import Counter

import pytest
from brute_force import document, keys, sides, strict
from hypothesis import given

from bioner.documents import Span
from bioner.evaluation.error_analysis import KINDS, Error, find_errors

GOLD = Span.of(2, 6, "A")


@pytest.mark.parametrize(
    ("gold", "predicted", "kind"),
    [
        ([GOLD], [], "missed"),
        ([], [GOLD], "spurious"),
        ([GOLD], [Span.of(2, 5, "A")], "wrong boundary"),
        ([GOLD], [Span.of(2, 6, "B")], "wrong type"),
        ([GOLD], [Span.of(5, 9, "B")], "both"),
        ([Span(((0, 2), (4, 6)), "A")], [Span.of(0, 6, "A")], "wrong boundary"),
    ],
)
def test_kinds(gold: list[Span], predicted: list[Span], kind: str) -> None:
    (error,) = find_errors([document(gold)], [document(predicted)])
    assert error == Error(kind, "d", *(side[0] if side else None for side in (gold, predicted)))


def test_neighbours_are_missed_and_spurious_not_paired() -> None:
    errors = find_errors([document([GOLD])], [document([Span.of(6, 8, "A")])])
    assert [error.kind for error in errors] == ["missed", "spurious"]


def test_right_mentions_are_set_aside_before_pairing() -> None:
    # The outer mention is right; the inner one must not be paired with it instead of being missed.
    outer, inner = Span.of(0, 8, "A"), Span.of(2, 4, "A")
    assert find_errors([document([outer, inner])], [document([outer])]) == [Error("missed", "d", inner, None)]


def test_errors_come_by_document_and_position_with_their_spans() -> None:
    gold = [document([], "b"), document([Span.of(8, 9, "A"), Span(((0, 1), (3, 4)), "B")], "a")]
    predicted = [document([], "a"), document([Span.of(1, 2, "C", 0.5)], "b")]
    errors = find_errors(gold, predicted)
    assert [(error.document, error.kind, error.start) for error in errors] == [
        ("a", "missed", 0),
        ("a", "missed", 8),
        ("b", "spurious", 1),
    ]
    assert errors[0].to_record() == {
        "kind": "missed",
        "document": "a",
        "gold": {"fragments": [[0, 1], [3, 4]], "label": "B", "score": None},
        "predicted": None,
    }
    assert errors[2].to_record()["predicted"] == {"fragments": [[1, 2]], "label": "C", "score": 0.5}


@given(sides, sides)
def test_errors_and_right_mentions_add_up(gold: list[Span], predicted: list[Span]) -> None:
    errors = find_errors([document(gold)], [document(predicted)])
    right = strict(gold, predicted)
    assert sum(error.gold is not None for error in errors) == len(keys(gold)) - right
    assert sum(error.predicted is not None for error in errors) == len(keys(predicted)) - right
    for error in errors:
        if error.gold and error.predicted:
            ((one, label),), ((other, found),) = keys([error.gold]), keys([error.predicted])
            assert one & other
            assert error.kind == {(True, False): "wrong boundary", (False, True): "wrong type"}.get(
                (label == found, one == other), "both"
            )


@given(sides, sides)
def test_swapping_the_sides_swaps_missed_and_spurious(gold: list[Span], predicted: list[Span]) -> None:
    there, back = (
        Counter(error.kind for error in find_errors([document(one)], [document(other)]))
        for one, other in ((gold, predicted), (predicted, gold))
    )
    swapped = {"missed": "spurious", "spurious": "missed"}
    assert {kind: there[kind] for kind in KINDS} == {kind: back[swapped.get(kind, kind)] for kind in KINDS}
