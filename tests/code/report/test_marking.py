"""Marked text: nothing of the text is lost, every bar covers its mention, and bars never share a place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.report.marking import Mark, Piece, mark_text

SHORT = st.text(alphabet="ab 中文、.", min_size=1, max_size=40)


@st.composite
def marked_texts(draw: st.DrawFn, texts: st.SearchStrategy[str] = SHORT) -> tuple[str, list[Mark], list[Mark]]:
    text = draw(texts)

    def mark() -> Mark:
        edges = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
        pairs = tuple(zip(edges[::2], edges[1::2], strict=False))
        return Mark(pairs, draw(st.sampled_from(["drug", "gene or protein"])), draw(st.booleans()))

    return text, [mark() for _ in range(draw(st.integers(0, 4)))], [mark() for _ in range(draw(st.integers(0, 4)))]


def covered(pieces: list[Piece], side: str) -> dict[Mark, set[int]]:
    """The characters under the filled bars of each mark."""
    found: dict[Mark, set[int]] = {}
    place = 0
    for piece in pieces:
        for bar in getattr(piece, side):
            if bar.filled:
                found.setdefault(bar.mark, set()).update(range(place, place + len(piece.text)))
        place += len(piece.text)
    return found


@given(marked_texts())
def test_short_text_is_kept_and_every_mention_covered(case: tuple[str, list[Mark], list[Mark]]) -> None:
    text, gold, predicted = case
    pieces = mark_text(text, gold, predicted)
    assert "".join(piece.head + piece.tail for piece in pieces) == text
    for side, marks in (("gold", gold), ("predicted", predicted)):
        expected = {mark: {c for start, end in mark.fragments for c in range(start, end)} for mark in marks}
        assert covered(pieces, side) == expected


@given(marked_texts())
def test_bars_of_a_piece_lie_in_lanes_of_their_own(case: tuple[str, list[Mark], list[Mark]]) -> None:
    for piece in mark_text(*case):
        for bars in (piece.gold, piece.predicted):
            assert len({bar.lane for bar in bars}) == len(bars)


@given(marked_texts())
def test_every_mark_opens_and_closes_once(case: tuple[str, list[Mark], list[Mark]]) -> None:
    text, gold, predicted = case
    bars = [bar for piece in mark_text(text, gold, predicted) for bar in (*piece.gold, *piece.predicted)]
    distinct = len(set(gold)) + len(set(predicted))
    assert sum(bar.opens for bar in bars) == sum(bar.closes for bar in bars) == distinct


def test_inner_mention_lies_nearer_to_the_text() -> None:
    inner, outer = Mark(((9, 14),), "anatomy", False), Mark(((0, 40),), "procedure", False)
    pieces = mark_text("biopsy of liver tissue was done with care.", [outer, inner], [])
    lanes = {bar.mark: bar.lane for piece in pieces for bar in piece.gold}
    assert lanes[inner] < lanes[outer]


def test_gap_of_a_discontinuous_mention_is_not_filled() -> None:
    pieces = mark_text("left and right arm", [Mark(((0, 4), (15, 18)), "anatomy", False)], [])
    assert [(piece.text, piece.gold[0].filled) for piece in pieces] == [
        ("left", True),
        (" and right ", False),
        ("arm", True),
    ]


def test_neighbours_whose_tags_would_collide_get_two_lanes() -> None:
    close = [Mark(((0, 1),), "laboratory test", False), Mark(((2, 3),), "laboratory test", False)]
    far = [close[0], Mark(((40, 41),), "laboratory test", False)]
    text = "a b" + " and so on" * 4
    for marks, lanes in ((close, 2), (far, 1)):
        assert max(piece.lanes[0] for piece in mark_text(text, marks, [])) == lanes


@given(marked_texts(st.just("word 中文 and " * 60)))
def test_long_text_keeps_the_errors_and_counts_what_it_skips(case: tuple[str, list[Mark], list[Mark]]) -> None:
    text, gold, predicted = case
    pieces = mark_text(text, gold, predicted)
    assert sum(len(piece.text) + piece.skipped for piece in pieces) == len(text)
    shown = {bar.mark for piece in pieces for bar in (*piece.gold, *piece.predicted) if bar.opens}
    assert {mark for mark in (*gold, *predicted) if not mark.right} <= shown


def test_long_text_shows_the_surroundings_of_an_error_cut_at_words() -> None:
    text = "word " * 400
    pieces = mark_text(text, [], [Mark(((1000, 1004),), "drug", False)])
    shown = "".join(piece.text for piece in pieces)
    assert pieces[0].skipped > 800 and pieces[-1].skipped > 800
    assert shown.startswith("word") and shown.endswith("word") and 240 <= len(shown) <= 270


def test_long_text_without_errors_shows_its_beginning() -> None:
    pieces = mark_text("word " * 400, [], [])
    assert len(pieces[0].text) >= 600 and pieces[-1].skipped > 1000


def test_long_blank_text_is_shown_whole() -> None:
    assert mark_text(" " * 700, [], [Mark(((3, 4),), "drug", False)])[0].text == "   "
