"""The HTTP service: what each address answers, and every refusal as JSON with its reason."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bioner.events import event
from bioner.serving.batching import Batcher
from bioner.serving.bodies import document_record, handlers, read_body
from bioner.serving.guard import guarded
from bioner.serving.limits import Limits
from bioner.serving.metrics import CONTENT_TYPE, Metrics
from bioner.serving.model import Served
from bioner.serving.refusal import RefusedError, busy
from bioner.serving.request import parse

_REQUEST_ID = "X-Request-Id"  # header of an answer: by it, the answer is found in the structured log


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
        self._token = token
        self._in_flight = 0

    def app(self) -> Starlette:
        """The application; a path with a slash too many is no path of it."""
        routes = [
            Route("/predict", guarded(self._counted, self._token), methods=["POST"]),
            Route("/model", guarded(self._about, self._token), methods=["GET"]),
            Route("/metrics", guarded(self._figures, self._token), methods=["GET"]),
            Route("/health", self._health, methods=["GET"]),
            Route("/ready", self._ready, methods=["GET"]),
        ]
        app = Starlette(routes=routes, exception_handlers=handlers())
        app.router.redirect_slashes = False
        return app

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
        began, status, name = time.monotonic(), 500, uuid.uuid4().hex
        self._in_flight += 1
        self._metrics.in_flight.inc()
        try:
            self._check_ready()
            if self._in_flight > self._limits.requests:
                raise busy("too many requests are waiting")
            response = await self._predict(request)
            status = response.status_code
            response.headers[_REQUEST_ID] = name
        except RefusedError as refusal:
            status = refusal.status
            refusal.headers[_REQUEST_ID] = name
            raise
        else:
            return response
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.dec()
            self._tell(request, name, status, time.monotonic() - began)

    def _tell(self, request: Request, name: str, status: int, seconds: float) -> None:
        """Count an answer, and log it; without the ids of its documents, which may be those of people."""
        self._metrics.requests.labels(str(status)).inc()
        self._metrics.seconds.observe(seconds)
        level = logging.ERROR if status >= 500 else logging.INFO
        size = getattr(request.state, "size", {})  # none of a request that could not be read
        event("request", f"answered {status}", level, request=name, status=status, seconds=round(seconds, 4), **size)

    async def _predict(self, request: Request) -> Response:
        raw = await read_body(request, self._limits)
        job = None
        try:
            async with asyncio.timeout(self._limits.seconds):
                asked = await asyncio.to_thread(parse, raw, self._limits)
                request.state.size = {"documents": len(asked.documents), "characters": asked.characters}
                job = self._batcher.submit(asked)
                documents = await asyncio.wrap_future(job.future)
        except TimeoutError:
            raise RefusedError(504, f"no answer within {self._limits.seconds:g} seconds; send less at a time") from None
        finally:
            if job is not None:
                job.abandoned = True  # without effect on one that is answered
        return JSONResponse({"documents": [document_record(document) for document in documents]})
