"""Claims are right exactly for gold spans, and what a tagger finds wrongly stands beside the gold span it misses."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bioner.tagger.claims import Attempt, Typed, claims_of

WORDS = tuple((number,) for number in range(6))
extents = st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] <= pair[1])
mentions = st.fixed_dictionaries({key: st.lists(extents, max_size=3, unique=True).map(tuple) for key in "abc"})
findings = st.lists(st.tuples(st.sampled_from("abc"), extents), max_size=5).map(tuple)


@given(mentions, findings, st.integers(1, 4), st.randoms(use_true_random=False))
def test_claims_are_right_exactly_for_gold_spans(
    gold: dict[str, tuple[tuple[int, int], ...]], found: tuple[Typed, ...], negatives: int, random: Random
) -> None:
    attempt = Attempt("en", WORDS, gold, found)
    claims = claims_of(attempt, negatives, random)
    right = [(claim.key, claim.extent) for claim in claims if claim.right]
    wrong = [(claim.key, claim.extent) for claim in claims if not claim.right]
    assert sorted(right) == sorted(attempt.gold)
    assert not attempt.gold & set(wrong)
    assert set(found) - attempt.gold <= set(wrong)  # all of the tagger's own errors
    assert all(0 <= first <= last < len(WORDS) for _, (first, last) in wrong)
    for number, (key, extent) in enumerate(sorted(attempt.gold)):
        own = [claim for claim in claims if claim.rival == number]
        assert (own[0].key, own[0].extent, own[0].right) == (key, extent, True)
        rivals = {(claim.key, claim.extent) for claim in own[1:]}
        assert len(rivals) == len(own) - 1 <= max(negatives, len(rivals & set(found)))


def test_wrong_claims_are_of_both_kinds() -> None:
    attempt = Attempt("en", WORDS, {"a": ((2, 3),), "b": (), "c": ()})
    wrong = [claim for claim in claims_of(attempt, 8, Random(0)) if not claim.right]
    assert {claim.key for claim in wrong} == {"a", "b", "c"}
    assert {claim.extent for claim in wrong if claim.key != "a"} == {(2, 3)}
    assert len({(claim.key, claim.extent) for claim in wrong}) == len(wrong) == 8


def test_an_error_stands_beside_the_gold_span_that_it_shares_most_words_with() -> None:
    gold = {"a": ((0, 1), (2, 3)), "b": ((2, 3),)}  # in order: 0, 1 and 2
    found: tuple[Typed, ...] = (("a", (1, 3)), ("b", (1, 1)), ("b", (2, 2)), ("a", (5, 5)), ("a", (0, 1)))
    claims = claims_of(Attempt("en", WORDS, gold, found), 1, Random(0))
    rivals = {(claim.key, claim.extent): claim.rival for claim in claims if (claim.key, claim.extent) in found}
    assert rivals == {("a", (1, 3)): 1, ("b", (1, 1)): 0, ("b", (2, 2)): 2, ("a", (5, 5)): -1, ("a", (0, 1)): 0}
    assert len(claims) == 3 + 4  # no more were made: each gold span has one of the tagger's


def test_a_window_without_gold_spans_has_the_errors_alone() -> None:
    (claim,) = claims_of(Attempt("en", WORDS, {"a": ()}, (("a", (1, 2)),)), 3, Random(0))
    assert (claim.extent, claim.right, claim.rival) == ((1, 2), False, -1)
