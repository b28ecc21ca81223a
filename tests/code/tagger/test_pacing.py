"""A draft is as long as pays: long where symbols are rare or a pass is dear, short where the model disagrees."""

from __future__ import annotations

import pytest

from bioner.tagger.pacing import LONGEST, Pace, Place


def taught(overhead: float, place: Place, stops: int, of: int) -> Pace:
    """A pace that has seen `of` boundaries of a kind, and symbols at `stops` of them."""
    pace = Pace(overhead)
    for number in range(of):
        pace.learn([place], number < stops)
    return pace


def words(pace: Pace, lines: int = 16, pending: Place | None = None) -> int:
    return pace.words(pending, False, lines, 1.5)


def test_rare_symbols_make_long_drafts() -> None:
    lengths = [words(taught(16.0, Place.OUTSIDE, stops, 1000)) for stops in (500, 100, 20, 0)]
    assert lengths == sorted(lengths)
    assert lengths[0] <= 2
    assert lengths[-1] == LONGEST


def test_a_dear_pass_makes_long_drafts() -> None:
    dear, cheap = (words(taught(overhead, Place.OUTSIDE, 100, 1000)) for overhead in (2000.0, 1.0))
    assert dear > 3 * cheap


def test_lines_share_the_cost_of_a_pass() -> None:
    pace = taught(16.0, Place.OUTSIDE, 100, 1000)
    assert words(pace, lines=1) > words(pace, lines=16)


def test_where_a_line_mostly_ends_nothing_is_read_ahead() -> None:
    pace = taught(16.0, Place.CLOSED, 95, 100)
    assert words(pace, pending=Place.CLOSED) == 0
    assert words(pace, pending=None) > 0


@pytest.mark.parametrize("fixed", [0, 7])
def test_a_fixed_length_is_kept(fixed: int) -> None:
    assert Pace(16.0, fixed).words(None, False, 1, 1.5) == fixed
