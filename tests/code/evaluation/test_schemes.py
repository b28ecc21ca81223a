"""The schemes: against brute force, and the properties that make a score a score."""

from __future__ import annotations

import pytest
from brute_force import BRUTE, LENGTH, aims, case, document, keys, matchings, overlap_greedy, sides, spans
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.documents import Span
from bioner.evaluation.mentions import Case, Pair
from bioner.evaluation.schemes import MATCHERS, MODES, SCHEMES, Mode, overlapping

schemes = pytest.mark.parametrize("scheme", SCHEMES)


def spans_of(one: Case, pairs: list[Pair]) -> set[tuple[Span, Span]]:
    return {(one.gold[i].span, one.predicted[j].span) for i, j in pairs}


def test_schemes_are_all_modes_but_the_greedy_one() -> None:
    assert set(SCHEMES) == set(BRUTE) == set(MODES) - {"overlap_greedy"}


@schemes
@settings(max_examples=100)
@given(gold=sides, predicted=sides)
def test_agrees_with_brute_force(scheme: Mode, gold: list[Span], predicted: list[Span]) -> None:
    assert len(MATCHERS[scheme](case(gold, predicted))) == BRUTE[scheme](gold, predicted)


@given(sides, sides)
def test_greedy_agrees_with_its_rule(gold: list[Span], predicted: list[Span]) -> None:
    pairs = MATCHERS["overlap_greedy"](Case.as_given(document(gold), document(predicted)))
    assert len(pairs) == overlap_greedy(gold, predicted)


@schemes
@given(gold=sides, predicted=sides)
def test_pairs_are_one_to_one(scheme: Mode, gold: list[Span], predicted: list[Span]) -> None:
    pairs = MATCHERS[scheme](case(gold, predicted))
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


@schemes
@given(gold=sides, predicted=sides, data=st.data())
def test_order_and_repetition_change_nothing(
    scheme: Mode, gold: list[Span], predicted: list[Span], data: st.DataObject
) -> None:
    shuffled = [data.draw(st.permutations(side)) + side[: data.draw(st.integers(0, 2))] for side in (gold, predicted)]
    one, other = case(gold, predicted), case(*shuffled)
    assert spans_of(one, MATCHERS[scheme](one)) == spans_of(other, MATCHERS[scheme](other))


@schemes
@given(gold=sides, predicted=sides)
def test_swapping_the_sides_swaps_the_pairs(scheme: Mode, gold: list[Span], predicted: list[Span]) -> None:
    there = MATCHERS[scheme](case(gold, predicted))
    back = MATCHERS[scheme](case(predicted, gold))
    assert sorted(there) == sorted((i, j) for j, i in back)


@schemes
@given(side=sides)
def test_everything_is_right_against_itself(scheme: Mode, side: list[Span]) -> None:
    assert sorted(MATCHERS[scheme](case(side, side))) == [(n, n) for n in range(len(keys(side)))]


@given(sides, sides)
def test_stricter_schemes_find_less(gold: list[Span], predicted: list[Span]) -> None:
    one = case(gold, predicted)
    right = {scheme: len(MATCHERS[scheme](one)) for scheme in SCHEMES}
    assert right["strict"] <= right["boundary"] <= len(overlapping(one))
    assert right["strict"] <= right["overlap"]
    assert right["type_within_overlap"] <= right["overlap"] <= len(overlapping(one))


@pytest.mark.parametrize("scheme", ["strict", "boundary", "overlap"])
@given(gold=sides, predicted=sides, one_more=spans)
def test_one_more_prediction_makes_none_wrong(
    scheme: Mode, gold: list[Span], predicted: list[Span], one_more: Span
) -> None:
    more = len(MATCHERS[scheme](case(gold, [*predicted, one_more])))
    assert 0 <= more - len(MATCHERS[scheme](case(gold, predicted))) <= 1


@settings(max_examples=100)
@given(sides, sides)
def test_pairing_meets_its_aims_in_their_order(gold: list[Span], predicted: list[Span]) -> None:
    one = case(gold, predicted)
    found = [(next(iter(keys([g]))), next(iter(keys([p])))) for g, p in spans_of(one, overlapping(one))]
    assert aims(found) == max(aims(pairs) for pairs in matchings(list(keys(gold)), list(keys(predicted))))


def test_matching_is_optimal_where_the_exact_pair_is_not() -> None:
    gold = [Span.of(0, 10, "A"), Span.of(0, 3, "A")]
    predicted = [Span.of(0, 10, "A"), Span.of(5, 8, "A")]
    one = case(gold, predicted)
    expected = {(gold[0], predicted[1]), (gold[1], predicted[0])}
    assert spans_of(one, MATCHERS["overlap"](one)) == expected


@pytest.mark.parametrize(
    ("gold", "predicted", "greedy", "optimal"),
    [
        # the first prediction takes the only gold mention that the second one could have had
        ([(0, 4), (4, 8)], [(2, 6), (0, 2)], 1, 2),
        # the same predictions the other way round
        ([(0, 4), (4, 8)], [(0, 2), (2, 6)], 2, 2),
        # the order of the gold mentions decides as well
        ([(4, 8), (0, 4)], [(2, 6), (0, 2)], 2, 2),
        # duplicates count twice under the published rule: two of three predictions right, not one of two
        ([(0, 4), (0, 4)], [(0, 4), (1, 2), (0, 4)], 2, 1),
    ],
)
def test_greedy_differs_from_optimal(
    gold: list[tuple[int, int]], predicted: list[tuple[int, int]], greedy: int, optimal: int
) -> None:
    sides = [document([Span.of(start, end, "A") for start, end in side]) for side in (gold, predicted)]
    assert len(MATCHERS["overlap_greedy"](Case.as_given(*sides))) == greedy
    assert len(MATCHERS["overlap"](Case.distinct(*sides))) == optimal


def test_greedy_looks_at_the_type() -> None:
    sides = [document([Span.of(0, 4, "A"), Span.of(0, 4, "B")]), document([Span.of(1, 2, "B")])]
    assert MATCHERS["overlap_greedy"](Case.as_given(*sides)) == [(1, 0)]


def test_boundary_answers_its_own_type_first() -> None:
    gold, predicted = [Span.of(0, 4, "A"), Span.of(0, 4, "B")], [Span.of(0, 4, "B"), Span.of(0, 4, "C")]
    one = case(gold, predicted)
    assert spans_of(one, MATCHERS["boundary"](one)) == {(gold[1], predicted[0]), (gold[0], predicted[1])}


def test_type_within_overlap_may_be_below_overlap() -> None:
    # Pairing without types makes two pairs, of which none can be of one type; `overlap` leaves two mentions alone.
    gold = [Span.of(0, 10, "A"), Span.of(0, 3, "B")]
    predicted = [Span.of(2, 10, "A"), Span.of(5, 6, "C")]
    one = case(gold, predicted)
    assert len(MATCHERS["overlap"](one)) == 1
    assert len(overlapping(one)) == 2
    assert MATCHERS["type_within_overlap"](one) == []


@schemes
def test_discontinuous_mentions_need_all_fragments_or_any_character(scheme: Mode) -> None:
    gold = [Span(((0, 2), (6, 8)), "A")]
    parts = {"equal": [Span(((0, 2), (6, 8)), "A")], "one": [Span.of(0, 2, "A")], "gap": [Span.of(3, 5, "A")]}
    right = {name: len(MATCHERS[scheme](case(gold, side))) for name, side in parts.items()}
    exact = scheme in ("strict", "boundary")
    assert right == {"equal": 1, "one": 0 if exact else 1, "gap": 0}


def test_large_component_is_solved_quickly_and_completely() -> None:
    gold = [Span.of(n, n + 2, "A") for n in range(LENGTH - 2)]
    predicted = [Span.of(n, LENGTH, "A") for n in range(LENGTH - 2)]
    assert len(MATCHERS["overlap"](case(gold, predicted))) == len(gold)
