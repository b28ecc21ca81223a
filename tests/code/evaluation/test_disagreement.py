"""Disagreement of two models: every mention and document counts once, whoever comes first."""

from __future__ import annotations

from brute_force import document, keys, sides, strict
from hypothesis import given

from bioner.documents import Span
from bioner.evaluation.disagreement import disagreement


@given(sides, sides, sides)
def test_counts_are_those_of_sets(gold: list[Span], one: list[Span], other: list[Span]) -> None:
    found = disagreement([document(gold)], [document(one)], [document(other)])
    expected, first, second = keys(gold), keys(one), keys(other)
    assert found.gold == {
        "both": len(expected & first & second),
        "first only": len((expected & first) - second),
        "second only": len((expected & second) - first),
        "neither": len(expected - first - second),
    }
    assert found.wrong == {
        "both": len((first & second) - expected),
        "first only": len(first - second - expected),
        "second only": len(second - first - expected),
        "neither": 0,
    }
    assert found.balance == {"d": (len(expected ^ first), len(expected ^ second))}
    assert sum(found.documents.values()) == 1
    assert bool(found.documents["both"]) == (strict(gold, one) == len(expected | first) and expected == second)


def test_documents_are_matched_by_id() -> None:
    span = Span.of(0, 2, "A")
    gold = [document([span], "a"), document([], "b"), document([span], "c")]
    first = [document([], "c"), document([], "b"), document([span], "a")]
    second = [document([], "a"), document([span], "b"), document([span], "c")]
    found = disagreement(gold, first, second)
    assert found.balance == {"a": (0, 1), "b": (0, 1), "c": (1, 0)}
    assert found.documents == {"both": 0, "first only": 2, "second only": 1, "neither": 0}
