"""The HTTP service: what each address answers, and every refusal as JSON with its reason."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bioner.serving.batching import Batcher
from bioner.serving.bodies import document_record, handlers, read_body
from bioner.serving.limits import Limits
from bioner.serving.metrics import CONTENT_TYPE, Metrics
from bioner.serving.model import Served
from bioner.serving.refusal import RefusedError, busy
from bioner.serving.request import parse

_Endpoint = Callable[[Request], Awaitable[Response]]


class Service:
    """The endpoints of one model.

    Args:
        token: what clients have to send as `Authorization: Bearer ...`; `None` asks for nothing.
    """

    def __init__(self, model: Served, batcher: Batcher, metrics: Metrics, limits: Limits, token: str | None) -> None:
        self._model = model
        self._batcher = batcher
        self._metrics = metrics
        self._limits = limits
        self._token = None if token is None else token.encode()
        self._in_flight = 0

    def app(self) -> Starlette:
        """The application; a path with a slash too many is no path of it."""
        routes = [
            Route("/predict", self._guarded(self._counted), methods=["POST"]),
            Route("/model", self._guarded(self._about), methods=["GET"]),
            Route("/metrics", self._guarded(self._figures), methods=["GET"]),
            Route("/health", self._health, methods=["GET"]),
            Route("/ready", self._ready, methods=["GET"]),
        ]
        app = Starlette(routes=routes, exception_handlers=handlers())
        app.router.redirect_slashes = False
        return app

    def _guarded(self, endpoint: _Endpoint) -> _Endpoint:
        """The endpoint for those who know the token."""

        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode()
            if self._token is not None and not hmac.compare_digest(given, b"Bearer " + self._token):
                raise RefusedError(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})
            return await endpoint(request)

        return guarded

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def _ready(self, _: Request) -> Response:
        self._check_ready()
        return JSONResponse({"status": "ready"})

    async def _about(self, _: Request) -> Response:
        self._check_ready()
        return JSONResponse(self._model.about)

    async def _figures(self, _: Request) -> Response:
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)

    def _check_ready(self) -> None:
        if not self._batcher.ready.is_set():
            raise busy("the model is being loaded")

    async def _counted(self, request: Request) -> Response:
        """Answer a request to predict, within the number of them that are let in, and count it."""
        began, status = time.monotonic(), 500
        self._in_flight += 1
        self._metrics.in_flight.inc()
        try:
            self._check_ready()
            if self._in_flight > self._limits.requests:
                raise busy("too many requests are waiting")
            response = await self._predict(request)
            status = response.status_code
        except RefusedError as refusal:
            status = refusal.status
            raise
        else:
            return response
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.dec()
            self._metrics.requests.labels(str(status)).inc()
            self._metrics.seconds.observe(time.monotonic() - began)

    async def _predict(self, request: Request) -> Response:
        raw = await read_body(request, self._limits)
        job = None
        try:
            async with asyncio.timeout(self._limits.seconds):
                job = self._batcher.submit(await asyncio.to_thread(parse, raw, self._limits))
                documents = await asyncio.wrap_future(job.future)
        except TimeoutError:
            raise RefusedError(504, f"no answer within {self._limits.seconds:g} seconds; send less at a time") from None
        finally:
            if job is not None:
                job.abandoned = True  # without effect on one that is answered
        return JSONResponse({"documents": [document_record(document) for document in documents]})
