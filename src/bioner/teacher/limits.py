"""When the next request may be sent: a steady pace, and how long to wait before asking again."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Pace:
    """Spreads requests evenly over the minute: bursts are what makes an endpoint refuse.

    Args:
        per_minute: most requests in a minute; `None` for no limit.
    """

    def __init__(self, per_minute: int | None) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for the turn of the next request."""
        now = time.monotonic()
        at = max(now, self._next)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)

    def hold(self, seconds: float) -> None:
        """Send nothing more for some time."""
        self._next = max(self._next, time.monotonic() + seconds)


def backoff(failed: int, first: float, longest: float, after: float | None) -> float:
    """Seconds to wait before asking again.

    Full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015): any time up to a bound that doubles, so that
    requests that failed together do not come again together. It is added to what the endpoint asks for.

    Args:
        failed: tries so far.
        first: the bound after the first.
        longest: bound of all waiting.
        after: what the endpoint asks for.
    """
    jitter = random.uniform(0.0, min(longest, first * 2.0 ** min(failed - 1, 30)))  # noqa: S311
    return min(longest, (after or 0.0) + jitter)


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` header asks for, as a number or a date (RFC 9110, 10.2.3), or `None`."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
