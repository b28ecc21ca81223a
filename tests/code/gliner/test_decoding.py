"""Decoding keeps the best spans: nested or of several types if asked for, never crossing, whatever the order."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document
from bioner.gliner.decoding import Candidate, annotate, select
from bioner.gliner.overlap import Overlap
from bioner.words import Words

candidate_lists = st.lists(
    st.builds(
        lambda first, width, key, score: Candidate(first, first + width, key, score),
        st.integers(0, 12),
        st.integers(0, 5),
        st.sampled_from("ab"),
        st.sampled_from([0.2, 0.4, 0.6, 0.8]),
    ),
    max_size=12,
    unique_by=lambda c: c[:3],
)


def _brute(candidates: list[Candidate], threshold: float, overlap: Overlap) -> list[Candidate]:
    """The rule of `select`, said with every pair."""
    kept: list[Candidate] = []
    for one in sorted(candidates, key=lambda c: (-c.score, c[:3])):
        clash = False
        for other in kept:
            shared = {*range(one.first, one.last + 1)} & {*range(other.first, other.last + 1)}
            size = min(one.last - one.first, other.last - other.first) + 1
            needed = Overlap.MULTI_LABEL if one[:2] == other[:2] else Overlap.NESTED
            clash = clash or (bool(shared) and not (len(shared) == size and overlap >= needed))
        if one.score >= threshold and not clash:
            kept.append(one)
    return sorted(kept)


@given(candidate_lists, st.sampled_from(Overlap), st.sampled_from([0.1, 0.5]))
def test_selection_follows_the_rule(candidates, overlap, threshold) -> None:
    assert select(candidates, threshold, overlap) == _brute(candidates, threshold, overlap)


@given(candidate_lists, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(candidates, random) -> None:
    shuffled = random.sample(candidates, len(candidates))
    assert select(shuffled, 0.3, Overlap.NESTED) == select(candidates, 0.3, Overlap.NESTED)


@given(candidate_lists)
def test_flat_selections_do_not_overlap(candidates) -> None:
    for one, other in combinations(select(candidates, 0.1, Overlap.FLAT), 2):
        assert one.last < other.first or other.last < one.first


def test_nested_spans_stay_and_crossing_ones_go() -> None:
    outer, inner, crossing = Candidate(0, 3, "a", 0.9), Candidate(1, 2, "a", 0.5), Candidate(3, 5, "a", 0.6)
    assert select([outer, inner, crossing], 0.4, Overlap.NESTED) == [outer, inner]


def test_an_extent_has_several_types_only_if_that_is_asked_for() -> None:
    two = [Candidate(0, 1, "a", 0.9), Candidate(0, 1, "b", 0.6)]
    assert select(two, 0.5, Overlap.MULTI_LABEL) == two
    assert select(two, 0.5, Overlap.NESTED) == two[:1]


def test_spans_come_out_in_characters_of_the_text() -> None:
    text = "慢性 kidney disease，3期"
    words = Words.of(text)
    document = Document("d", text, "zh")
    (span,) = annotate(document, words, [Candidate(2, 3, "disease", 0.7512345678)], 0.5, Overlap.NESTED).spans
    assert span.mention(text) == "kidney disease"
    assert (span.label, span.score) == ("disease", 0.751235)
