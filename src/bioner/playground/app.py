"""The playground: its page, and what the page asks the models and the review queue for."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bioner.entity_types import EntityTypes
from bioner.errors import BionerError
from bioner.playground.asked import parse_sending, parse_showing
from bioner.playground.guard import HEADERS, check_host, check_token
from bioner.playground.models import Models
from bioner.playground.offers import Offer, Offers
from bioner.playground.page import render_differences, render_page, render_side
from bioner.playground.upload import read_upload
from bioner.playground.wording import Language
from bioner.review.queue import Correction, Queue
from bioner.serving.bodies import document_record, handlers, read_body
from bioner.serving.limits import Limits
from bioner.serving.refusal import RefusedError, busy
from bioner.serving.request import parse, types_of

LIMITS = Limits(body=2 << 20, documents=500, characters=20_000, requests=32)
_STATIC = {"playground.js": "text/javascript", "playground.css": "text/css"}

_Answer = Callable[[Request, bytes], Any]  # of a request and its body; it may wait, and runs in a thread


class Playground:
    """The addresses of the playground."""

    def __init__(self, offers: Offers, models: Models, queue: Queue, limits: Limits = LIMITS) -> None:
        """A new token with each start, so that a page of an earlier one asks nothing."""
        self._offers = offers
        self._models = models
        self._queue = queue
        self._limits = limits
        self._token = secrets.token_urlsafe(32)
        self._offered: set[str] = set()  # all that some page could choose
        self._about: dict[str, dict[str, Any]] = {}  # of all models that ever answered, also those no longer in memory
        self._in_flight = 0

    def app(self) -> ASGIApp:
        """The application."""
        routes = [
            Route("/", self._page, methods=["GET"]),
            *(Route(f"/{name}", _static(name, kind), methods=["GET"]) for name, kind in _STATIC.items()),
            Route("/upload", self._asked(self._upload), methods=["POST"]),
            Route("/predict", self._asked(self._predict), methods=["POST"]),
            Route("/show", self._asked(self._show), methods=["POST"]),
            Route("/review", self._asked(self._review), methods=["POST"]),
        ]
        app = Starlette(routes=routes, exception_handlers=handlers())
        app.router.redirect_slashes = False
        return _with_headers(app)

    def offers(self) -> list[Offer]:
        """The models that can be chosen now.

        Raises:
            ModelError: there is none.
            RegistryError: the registry cannot be reached.
        """
        found = self._offers.read()
        self._offered |= {offer.reference for offer in found}
        return found

    async def _page(self, request: Request) -> Response:
        check_host(request.headers)
        try:
            offers = await asyncio.to_thread(self.offers)
        except BionerError as error:
            raise RefusedError(503, error.what) from None
        asked = request.query_params.get("lang", "")
        language = asked or ("zh" if request.headers.get("accept-language", "").startswith("zh") else "en")
        return HTMLResponse(render_page(offers, self._token, _page(language), self._limits))

    def _asked(self, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        """What our page asks, as JSON; so many at a time that memory is bounded."""

        async def endpoint(request: Request) -> Response:
            check_host(request.headers)
            check_token(request.headers, self._token)
            if self._in_flight >= self._limits.requests:
                raise busy("too many requests are waiting")
            self._in_flight += 1
            try:
                raw = await read_body(request, self._limits)
                return JSONResponse(await asyncio.to_thread(answer, request, raw))
            finally:
                self._in_flight -= 1

        return endpoint

    def _upload(self, request: Request, raw: bytes) -> Any:
        documents = read_upload(request.query_params.get("name", ""), raw, self._limits)
        return {"documents": [{"id": one.id, "text": one.text, "language": one.language} for one in documents]}

    def _predict(self, request: Request, raw: bytes) -> Any:
        reference = request.query_params.get("model", "")
        if reference not in self._offered:
            raise RefusedError(422, "this model is not offered: load the page again")
        asked = parse(raw, self._limits)
        if len(asked.documents) != 1:
            raise RefusedError(413, "one document at a time")
        documents, about = self._models.answer(reference, asked)
        self._about[reference] = about
        types = types_of(asked.question) or EntityTypes.from_record(about["types"])
        return {
            "model": {key: about[key] for key in ("reference", "version", "sha256", "family", "threshold")},
            "labels": types.names(_page(request.query_params.get("page", ""))),
            "language": documents[0].language,
            **document_record(documents[0]),
        }

    def _show(self, _: Request, raw: bytes) -> Any:
        asked = parse_showing(raw, self._limits)
        documents = asked.documents()
        others = [*documents[1:], *documents[:1]] if len(documents) == 2 else [None]
        sides = [
            render_side(document, side.labels, other, asked.page)
            for document, side, other in zip(documents, asked.sides, others, strict=True)
        ]
        if len(documents) == 1:
            return {"sides": sides, "differences": ""}
        called = {**asked.sides[1].labels, **asked.sides[0].labels}
        return {"sides": sides, "differences": render_differences(documents[0], documents[1], called, asked.page)}

    def _review(self, _: Request, raw: bytes) -> Any:
        asked = parse_sending(raw, self._limits)
        predicted, corrected = asked.documents()
        about = self._about.get(asked.model)
        if about is None:
            raise RefusedError(422, "this model has not answered yet")
        model = {key: about[key] for key in ("reference", "version", "sha256")}
        sent = datetime.now(UTC).isoformat(timespec="seconds")
        correction = Correction(predicted, corrected.spans, tuple(asked.labels), model, sent)
        name = self._queue.file.relative_to(self._queue.root).as_posix()
        try:
            waiting, new = self._queue.append(correction)
        except OSError as error:
            raise RefusedError(507, f"{name}: it cannot be written: {error.strerror}") from None
        return {"file": name, "waiting": waiting, "new": new}


def _page(language: str) -> Language:
    """The language of the page, which is English for all but Chinese."""
    return "zh" if language == "zh" else "en"


def _static(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    content = (files("bioner.playground") / "static" / name).read_bytes()

    async def static(request: Request) -> Response:
        check_host(request.headers)
        return Response(content, media_type=kind)

    return static


def _with_headers(app: ASGIApp) -> ASGIApp:
    """The application, with the headers of the guard on every answer, refusals and bugs included."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await app(scope, receive, send_with)

    return wrapped
