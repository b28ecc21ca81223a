"""Windows cover a text once, never cut an entity in training, and own every span exactly once in prediction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Span
from bioner.windows import Limits, Window, cut, sentence_starts, slide
from bioner.words import Words

LIMITS = Limits(words=12, tokens=40, width=4)


@st.composite
def annotated_texts(draw: st.DrawFn) -> tuple[list[int], frozenset[int], list[tuple[int, int]]]:
    """Tokens of each word, starts of sentences, and spans of at most LIMITS.width words that may nest and cross."""
    tokens = draw(st.lists(st.integers(1, 3), max_size=80))
    positions = st.integers(0, max(0, len(tokens) - 1))
    sentences = draw(st.frozensets(positions, max_size=10)) if tokens else frozenset()
    starts = draw(st.lists(st.tuples(positions, st.integers(1, LIMITS.width)), max_size=12)) if tokens else []
    return tokens, sentences, [(start, min(len(tokens), start + width) - 1) for start, width in starts]


@given(annotated_texts())
def test_pieces_cover_the_text_once_in_order_within_the_limits(text) -> None:
    tokens, sentences, spans = text
    pieces = cut(tokens, sentences, spans, LIMITS)
    assert [position for start, end in pieces for position in range(start, end)] == list(range(len(tokens)))
    assert all(end - start <= LIMITS.words and sum(tokens[start:end]) <= LIMITS.tokens for start, end in pieces)


@given(st.lists(st.integers(1, 3), max_size=80), st.data())
def test_no_entity_is_cut_where_entities_leave_gaps(tokens, data) -> None:
    """Entities may nest here, but a gap follows each group of them within a window's reach."""
    spans, position = [], 0
    while position + LIMITS.width < len(tokens):
        width = data.draw(st.integers(1, LIMITS.width))
        spans += [(position, position + width - 1), (position, position)]
        position += width + data.draw(st.integers(0, 3))
    pieces = cut(tokens, data.draw(st.frozensets(st.integers(1, 79), max_size=10)), spans, LIMITS)
    for first, last in spans:
        assert any(start <= first and last < end for start, end in pieces)


def test_a_piece_ends_at_a_sentence_rather_than_at_the_limit() -> None:
    assert cut([1] * 20, {4, 10}, [], LIMITS) == [(0, 10), (10, 20)]


def test_a_sentence_that_begins_within_an_entity_is_no_place_to_cut() -> None:
    assert cut([1] * 16, {10}, [(9, 12)], LIMITS) == [(0, 9), (9, 16)]


def test_entities_that_overlap_beyond_a_window_are_cut_rather_than_looping_for_ever() -> None:
    chain = [(position, position + 1) for position in range(29)]
    pieces = cut([1] * 30, (), chain, LIMITS)
    assert pieces == [(0, 12), (12, 24), (24, 30)]


@given(annotated_texts())
def test_every_span_is_owned_by_exactly_one_window_that_reads_it_whole(text) -> None:
    tokens, sentences, _ = text
    windows = slide(tokens, sentences, LIMITS)
    assert all(window.end - window.start <= LIMITS.words for window in windows)
    assert all(sum(tokens[window.start : window.end]) <= LIMITS.tokens for window in windows)
    assert all(window.end < window.own_end + LIMITS.width for window in windows[:-1])  # no more than its spans need
    for first in range(len(tokens)):
        owners = [window for window in windows if window.own_start <= first < window.own_end]
        assert len(owners) == 1
        last = min(len(tokens), first + LIMITS.width) - 1
        assert owners[0].start <= first
        assert last < owners[0].end


@given(st.text(st.sampled_from("abC 1.;。，肝炎\n-"), max_size=150), st.data())
def test_the_spans_of_all_windows_merge_back_to_those_of_the_document(text: str, data: st.DataObject) -> None:
    """Each window finds what lies in it, in characters of its own text, and answers for what begins in its own part."""
    words = Words.of(text)
    positions = st.tuples(st.integers(0, max(0, len(words) - 1)), st.integers(1, LIMITS.width))
    chosen = data.draw(st.frozensets(positions, max_size=10)) if len(words) else frozenset()
    spans = {Span.of(*words.characters(first, min(len(words), first + width) - 1), "x") for first, width in chosen}
    tokens = data.draw(st.lists(st.integers(1, 3), min_size=len(words), max_size=len(words)))
    merged = []
    for window in slide(tokens, sentence_starts(text, words), LIMITS):
        shift, end = words.characters(window.start, window.end - 1)
        part, own = text[shift:end], words.offsets[window.own_start : window.own_end]
        found = [(span, Span.of(span.start - shift, span.end - shift, "x")) for span in spans if span.start >= shift]
        for span, local in found:
            if local.problem(len(part)) is None and any(start == span.start for start, _ in own):
                assert local.mention(part) == span.mention(text)
                merged.append(Span.of(local.start + shift, local.end + shift, local.label))
    assert len(merged) == len(spans)
    assert set(merged) == spans


@given(annotated_texts())
def test_the_entities_of_all_pieces_merge_back_but_those_that_overlap_beyond_a_window(text) -> None:
    tokens, sentences, spans = text
    pieces = cut(tokens, sentences, spans, LIMITS)
    merged = {(first, last) for start, end in pieces for first, last in spans if start <= first and last < end}
    inside = {position for first, last in spans for position in range(first + 1, last + 1)}
    for _, end in pieces[:-1]:
        if end in inside:  # then no place before it in its window is free either
            start = next(start for start, other in pieces if other == end)
            assert all(position in inside for position in range(start + 1, end + 1))
    if not any(end in inside for _, end in pieces[:-1]):
        assert merged == set(spans)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=60))
def test_windows_of_words_with_very_many_tokens_still_own_every_word_once(tokens) -> None:
    windows = slide(tokens, (), LIMITS)
    owned = [position for window in windows for position in range(window.own_start, window.own_end)]
    assert owned == list(range(len(tokens)))


def test_a_short_text_is_one_window() -> None:
    assert slide([1] * 12, {5}, LIMITS) == [Window(0, 12, 0, 12)]


def test_a_window_within_a_sentence_reads_some_words_before_its_own() -> None:
    first, second = slide([1] * 18, (), LIMITS)
    assert first.own_end == second.own_start == 9
    assert second.start < second.own_start


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("Fever. Cough followed", {2}),
        ("E. coli was found", set()),
        ("Dose 2.5 mg daily", set()),
        ("发热三天。咳嗽", {5}),
        ("first line\nsecond", {2}),
        ("", set()),
    ],
)
def test_sentences_begin_after_stops_and_lines(text: str, starts: set[int]) -> None:
    assert sentence_starts(text, Words.of(text)) == starts
