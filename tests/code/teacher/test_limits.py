"""Waiting: what an endpoint asks for, within bounds, never all at once, and at an even pace."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.teacher.limits import Pace, backoff, parse_retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("٣", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("Sun, 22 Nov 2026 12:00:30", 30.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(value=st.text())
def test_no_header_is_an_error(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or seconds >= 0.0


@given(failed=st.integers(1, 2000), after=st.none() | st.floats(0, 1e9))
def test_waiting_is_bounded_and_at_least_what_was_asked_for(failed: int, after: float | None) -> None:
    assert min(after or 0.0, 60.0) <= backoff(failed, 0.5, 60.0, after) <= 60.0


def test_waiting_grows_and_differs() -> None:
    later = [backoff(6, 1.0, 60.0, None) for _ in range(200)]
    assert max(backoff(1, 1.0, 60.0, None) for _ in range(200)) <= 1.0 < max(later)
    assert len(set(later)) > 190


def test_the_pace_is_even() -> None:
    async def turns() -> float:
        pace = Pace(6000)
        began = time.monotonic()
        await asyncio.gather(*(pace.turn() for _ in range(21)))
        return time.monotonic() - began

    assert 0.2 <= asyncio.run(turns()) < 1.0


def test_a_pace_that_is_held_waits() -> None:
    async def turn() -> float:
        pace = Pace(None)
        pace.hold(0.1)
        began = time.monotonic()
        await pace.turn()
        return time.monotonic() - began

    assert 0.09 <= asyncio.run(turn()) < 1.0
