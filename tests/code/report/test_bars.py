"""Bars: thick for errors, dotted over gaps, and as much room as the lanes need."""

from __future__ import annotations

from bioner.report.bars import style
from bioner.report.marking import Bar, Mark, Piece


def bar(lane: int = 0, *, right: bool = False, filled: bool = True) -> Bar:
    return Bar(Mark(((0, 1),), "drug", right), lane, filled, True, True)


def test_error_is_thick_and_in_the_colour_of_its_side() -> None:
    assert "var(--gold-bar)" in style(Piece("a", (bar(),)))
    assert "4px no-repeat" in style(Piece("a", (bar(),)))
    assert "var(--found-bar)" in style(Piece("a", (), (bar(),)))


def test_agreement_is_thin_and_grey_on_both_sides() -> None:
    text = style(Piece("a", (bar(right=True),), (bar(right=True),)))
    assert text.count("var(--agreed-bar)") == 2 and "4px" not in text


def test_gap_is_dotted() -> None:
    assert "var(--gold-gap)" in style(Piece("a", (bar(filled=False),)))


def test_room_grows_with_the_lanes() -> None:
    text = style(Piece("a", (bar(2),), (bar(0),)))
    assert "padding:calc(var(--lane)*3) 0 calc(var(--lane)*1)" in text
    assert "line-height:calc(1.8em + var(--lane)*6)" in text
