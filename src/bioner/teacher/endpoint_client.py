"""A client of one OpenAI-compatible endpoint: limited, patient with what passes, clear about what does not.

Retries are our own, since which tries count hangs on the breaker, and how long all wait on the endpoint.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

import orjson
from pydantic import SecretStr

from bioner.config.teacher import Endpoint
from bioner.errors import BionerError, ModelError
from bioner.teacher.breaker import Breaker
from bioner.teacher.budget import Purse, Spent
from bioner.teacher.chat import MALFORMED, Reply, Request, RequestError, parse_reply
from bioner.teacher.endpoint_http import Connection
from bioner.teacher.limits import Pace, backoff

T = TypeVar("T")

_PROBE = Request((("user", "Hello."),), max_tokens=1)


class Client:
    """Asks an endpoint; used in one event loop, as an asynchronous context manager.

    Args:
        settings: where it is, and the limits.
        key: what it asks for as a bearer token, if anything.
        purse: what may be spent.
    """

    def __init__(self, settings: Endpoint, key: SecretStr | None, purse: Purse) -> None:
        limits = settings.limits
        self._settings = settings
        self._limits = limits
        self._connection = Connection(settings, key)
        self._purse = purse
        self._pace = Pace(limits.requests_per_minute)
        self._breaker = Breaker(limits.failures, limits.probe_every, limits.patience, self._probe, settings.url)
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._over: BionerError | None = None

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, traceback)

    @property
    def spent(self) -> Spent:
        """What all answers took, those before this client included."""
        return self._purse.spent

    def heed(self, others: Spent) -> None:
        """Count what others have spent towards the budget."""
        self._purse.heed(others)

    async def ask(self, request: Request) -> Reply:
        """The reply to a request, asked for again while that may help.

        Raises:
            RequestError: there is none; other requests may get one.
            ModelError: the endpoint cannot be used: it is down, refuses the key, or does not know the model.
            GateError: the budget is used up.
        """
        payload = self._payload(request)
        return await self._patiently(lambda: self._try(payload))

    async def models(self) -> list[str] | None:
        """The ids of the models that the endpoint says it has; `None` if it has no such list.

        Raises:
            ModelError: the endpoint cannot be reached, or refuses the key.
        """
        try:
            return await self._patiently(self._list)
        except RequestError as error:
            if not error.passing:
                return None
            what = f"the endpoint does not answer: {error.reason}"
            mend = "see that it runs, and that teacher.endpoint.url is right: it mostly ends in /v1"
            raise ModelError(what, where=self._settings.url, mend=mend) from None

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        failed = 0
        while True:
            try:
                return await attempt()
            except RequestError as error:
                if error.after:
                    self._pace.hold(min(error.after, self._limits.longest_wait))
                failed += not (error.down and await self._breaker.was_down())  # else it is no fault of the text
                if not error.passing or failed >= self._limits.tries:
                    raise
                pause = backoff(max(failed, 1), self._limits.wait, self._limits.longest_wait, error.after)
            await asyncio.sleep(pause)

    async def _try(self, payload: bytes) -> Reply:
        async with self._slots:
            if self._over is not None:
                raise self._over
            try:
                async with self._breaker.guard():
                    await self._pace.turn()
                    return await self._once(payload)
            except BionerError as error:
                self._over = error
                raise

    async def _once(self, payload: bytes) -> Reply:
        with self._purse.request():
            reply = parse_reply(await self._connection.send("POST", "/chat/completions", payload), len(payload))
            self._purse.pay(reply)
            return reply

    async def _probe(self) -> None:
        await self._once(self._payload(_PROBE))

    def _payload(self, request: Request) -> bytes:
        settings = self._settings
        body = request.body(settings.model, settings.extra, settings.omit)
        return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)  # which `extra` may have

    async def _list(self) -> list[str] | None:
        try:
            return [str(item["id"]) for item in json.loads(await self._connection.send("GET", "/models"))["data"]]
        except (ValueError, RecursionError):
            raise RequestError(MALFORMED, passing=True, down=True) from None
        except (KeyError, TypeError):
            return None
