"""A circuit breaker: while an endpoint is down, requests wait until a probe is answered.

After Nygard, "Release It!" (2007). Here nothing is refused while the circuit is open: what is to be annotated can wait,
and a text is not to fail because of an endpoint's restart. The probe is a request of its own and none of those that
wait: the text of one of these may be what the endpoint fails on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from bioner.errors import ModelError
from bioner.teacher.chat import RequestError

_LONGEST_POLL = 0.5  # seconds; a request that waits looks at least so often whether it is time for a probe


class Breaker:
    """Lets requests through, or holds them back. All of its users run in one event loop.

    Args:
        failures: that the endpoint is down, in a row, after which it opens.
        probe_every: seconds between probes.
        patience: seconds after which an open one gives up.
        probe: asks the endpoint for something that any text allows, and raises as a request does.
        where: the endpoint, for the error.
    """

    def __init__(
        self, failures: int, probe_every: float, patience: float, probe: Callable[[], Awaitable[object]], where: str
    ) -> None:
        self._limit = failures
        self._probe_every = probe_every
        self._patience = patience
        self._probe = probe
        self._where = where
        self._failed = 0
        self._last = ""
        self._confirmed = False
        self._opened: float | None = None
        self._probe_at = 0.0
        self._probing = False
        self._closed = asyncio.Event()

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Around one request: waits while the circuit is open, and learns from how the request ends.

        Raises:
            ModelError: the endpoint was down for longer than the patience.
        """
        await self.was_down()
        try:
            yield
        except RequestError as error:
            self._learn(error)
            raise
        else:
            self._close()

    async def was_down(self) -> bool:
        """Wait while the circuit is open; whether it was, and the endpoint indeed down: a probe failed, too.

        Raises:
            ModelError: the endpoint was down for longer than the patience.
        """
        if self._opened is None:
            return False
        while self._opened is not None:
            await self._wait(self._opened)
        return self._confirmed

    async def _wait(self, opened: float) -> None:
        """Wait a little, or be the one that sends the probe."""
        now = time.monotonic()
        if now - opened > self._patience:
            raise ModelError(
                f"the endpoint has not answered for {self._patience:.0f} s; the last request: {self._last}",
                where=self._where,
                mend="see that it runs, then run the same command again: what was answered is kept",
            )
        if not self._probing and now >= self._probe_at:
            await self._send_probe()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), min(max(self._probe_at - now, 0.01), _LONGEST_POLL))

    async def _send_probe(self) -> None:
        self._probing = True
        try:
            await self._probe()
        except RequestError as error:
            self._confirmed = self._confirmed or error.down
            self._learn(error)
        else:
            self._close()
        finally:
            self._probing = False

    def _learn(self, error: RequestError) -> None:
        if not error.down:
            self._close()
            return
        self._failed += 1
        self._last = error.reason
        now = time.monotonic()
        self._probe_at = now + self._probe_every
        if self._opened is None and self._failed >= self._limit:
            self._opened = self._probe_at = now
            self._confirmed = False
            self._closed.clear()

    def _close(self) -> None:
        self._failed = 0
        self._opened = None
        self._closed.set()
