"""The breaker: it opens on failures in a row, lets one probe through, closes on an answer, and gives up in the end."""

from __future__ import annotations

import asyncio
import time

import pytest

from bioner.errors import ModelError
from bioner.teacher.breaker import Breaker
from bioner.teacher.chat import RequestError

DOWN = RequestError("HTTP 503", passing=True, down=True)
BUSY = RequestError("HTTP 429", passing=True)


class Endpoint:
    """Answers probes as it is told, in some time, and counts them."""

    def __init__(self, error: RequestError | None = None, seconds: float = 0.0) -> None:
        self.error = error
        self.seconds = seconds
        self.probes = 0
        self.running = 0

    async def probe(self) -> None:
        self.probes += 1
        self.running += 1
        assert self.running == 1, "two probes at a time"
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.running -= 1
        if self.error is not None:
            raise self.error


async def use(breaker: Breaker, error: Exception | None = None) -> None:
    """One request that ends like this."""
    async with breaker.guard():
        if error is not None:
            raise error


async def fail(breaker: Breaker, *errors: Exception) -> None:
    for error in errors:
        with pytest.raises(RequestError):
            await use(breaker, error)


def test_opens_on_failures_in_a_row_only() -> None:
    async def run() -> None:
        endpoint = Endpoint()
        breaker = Breaker(3, 9.0, 9.0, endpoint.probe, "here")
        await fail(breaker, DOWN, DOWN)
        await use(breaker)
        await fail(breaker, DOWN, DOWN, BUSY, DOWN, DOWN)
        await use(breaker)
        assert endpoint.probes == 0
        await fail(breaker, DOWN, DOWN, DOWN)
        await use(breaker)
        assert endpoint.probes == 1

    asyncio.run(run())


@pytest.mark.parametrize("says", [None, BUSY], ids=["answers", "is busy"])
def test_all_wait_for_one_probe(says: RequestError | None) -> None:
    async def run() -> None:
        endpoint = Endpoint(says, 0.05)
        breaker = Breaker(2, 9.0, 9.0, endpoint.probe, "here")
        await fail(breaker, DOWN, DOWN)
        began = time.monotonic()
        await asyncio.gather(*(use(breaker) for _ in range(20)))
        assert time.monotonic() - began >= 0.04
        assert endpoint.probes == 1

    asyncio.run(run())


def test_probes_go_on_until_one_is_answered() -> None:
    async def run() -> None:
        endpoint = Endpoint(DOWN)
        breaker = Breaker(2, 0.02, 9.0, endpoint.probe, "here")
        await fail(breaker, DOWN, DOWN)
        waiting = asyncio.create_task(use(breaker))
        await asyncio.sleep(0.3)
        assert 3 <= endpoint.probes <= 16
        assert not waiting.done()
        endpoint.error = None
        await asyncio.wait_for(waiting, 5)

    asyncio.run(run())


@pytest.mark.parametrize("probes_fail", [True, False])
def test_tells_an_outage_from_requests_that_fail(probes_fail: bool) -> None:
    async def run() -> None:
        endpoint = Endpoint(DOWN if probes_fail else None)
        breaker = Breaker(2, 0.02, 9.0, endpoint.probe, "here")
        assert not await breaker.was_down()
        await fail(breaker, DOWN, DOWN)
        told = asyncio.create_task(breaker.was_down())
        await asyncio.sleep(0.1)
        assert told.done() is not probes_fail
        endpoint.error = None
        assert await told is probes_fail
        assert not await breaker.was_down()

    asyncio.run(run())


def test_a_probe_that_is_cancelled_makes_room_for_the_next() -> None:
    async def run() -> None:
        endpoint = Endpoint(seconds=9.0)
        breaker = Breaker(2, 0.01, 9.0, endpoint.probe, "here")
        await fail(breaker, DOWN, DOWN)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(use(breaker), 0.1)
        endpoint.seconds = 0.0
        await asyncio.wait_for(use(breaker), 5)
        assert endpoint.probes == 2

    asyncio.run(run())


def test_gives_up_past_its_patience() -> None:
    async def run() -> None:
        breaker = Breaker(2, 0.01, 0.1, Endpoint(DOWN).probe, "http://here")
        await fail(breaker, DOWN, DOWN)
        with pytest.raises(ModelError, match="HTTP 503") as caught:
            await use(breaker)
        assert caught.value.where == "http://here"

    asyncio.run(asyncio.wait_for(run(), 9))
