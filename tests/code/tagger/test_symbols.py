"""Tagged lines hold any nested mentions, and report exactly what they cannot hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Span
from bioner.tagger.symbols import CLOSE, DEEPEST, END, OPEN, Extent, encode, extents_of, parse
from bioner.words import Words

extents = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda pair: (min(pair), max(pair)))


def crossing(one: Extent, other: Extent) -> bool:
    return bool(set(span(one)) & set(span(other))) and not (inside(one, other) or inside(other, one))


def span(extent: Extent) -> range:
    return range(extent[0], extent[1] + 1)


def inside(inner: Extent, outer: Extent) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


@st.composite
def nested(draw: st.DrawFn) -> set[Extent]:
    """Any set of extents of which no two cross."""
    kept: set[Extent] = set()
    for extent in draw(st.lists(extents, max_size=25)):
        if not any(crossing(extent, other) for other in kept):
            kept.add(extent)
    return kept


@given(nested())
def test_a_line_is_read_back_as_it_was_written(mentions: set[Extent]) -> None:
    assert set(parse(encode(mentions))) == mentions


@given(nested())
def test_a_line_copies_the_words_in_order_up_to_its_last_mention(mentions: set[Extent]) -> None:
    items = encode(mentions)
    words = [item for item in items if item >= 0]
    assert words == list(range(max((last for _, last in mentions), default=-1) + 1))
    assert items[-1] == END
    assert items.count(OPEN) == items.count(CLOSE) == len(mentions)


@given(nested())
def test_the_symbols_of_a_mention_are_found(mentions: set[Extent]) -> None:
    items = encode(mentions)
    for (first, last), (opened, closed) in parse(items).items():
        assert (items[opened], items[closed]) == (OPEN, CLOSE)
        assert [item for item in items[opened:closed] if item >= 0] == list(span((first, last)))


def test_nested_and_adjacent_mentions() -> None:
    assert encode([(1, 3), (1, 1), (4, 4)]) == (0, OPEN, OPEN, 1, CLOSE, 2, 3, CLOSE, OPEN, 4, CLOSE, END)


def test_no_mention_is_an_empty_line() -> None:
    assert encode([]) == (END,)
    assert parse((END,)) == {}


def spans_of(pairs: list[Extent], words: Words, label: str = "x") -> list[Span]:
    return [Span.of(*words.characters(first, last), label) for first, last in pairs]


WORDS = Words.of("a b c d e f g h i j k l m")


@given(st.lists(extents, max_size=25))
def test_every_mention_is_kept_or_counted(pairs: list[Extent]) -> None:
    kept, lost = extents_of(spans_of(pairs, WORDS), "x", WORDS)
    assert len(kept) + sum(lost.values()) == len(set(pairs))
    assert set(kept) <= set(pairs)
    assert not any(crossing(one, other) for one in kept for other in kept)


@given(nested())
def test_nested_mentions_are_all_kept(mentions: set[Extent]) -> None:
    deepest = max((sum(inside(one, other) for other in mentions) for one in mentions), default=0)
    kept, lost = extents_of(spans_of(sorted(mentions), WORDS), "x", WORDS)
    assert set(kept) == mentions or deepest > DEEPEST == 8
    assert bool(lost) == (deepest > DEEPEST)


def test_of_two_crossing_mentions_the_shorter_is_lost() -> None:
    kept, lost = extents_of(spans_of([(0, 2), (2, 5)], WORDS), "x", WORDS)
    assert kept == ((2, 5),)
    assert lost == {"crossing": 1}


def test_the_other_reasons() -> None:
    text = "left and right kidney"
    words = Words.of(text)
    spans = [
        Span(((0, 4), (15, 21)), "x"),
        Span.of(1, 4, "x"),
        Span.of(9, 14, "x"),
        Span.of(9, 14, "x"),
        Span.of(15, 21, "y"),
    ]
    kept, lost = extents_of(spans, "x", words)
    assert kept == ((2, 2),)
    assert lost == {"discontinuous": 1, "not at word boundaries": 1}


def test_what_lies_too_deep_is_counted() -> None:
    pairs = [(0, last) for last in range(DEEPEST + 2)]
    kept, lost = extents_of(spans_of(pairs, WORDS), "x", WORDS)
    assert len(kept) == DEEPEST
    assert lost == {"nested too deep": 2}
