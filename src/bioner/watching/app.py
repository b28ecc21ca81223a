"""The page that Prometheus asks: `/metrics` for who knows the token, `/health` for all."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bioner.serving.bodies import handlers
from bioner.serving.guard import guarded
from bioner.serving.limits import Limits
from bioner.serving.metrics import CONTENT_TYPE
from bioner.serving.server import make_server
from bioner.watching.collector import ProjectCollector


def make_app(project: Path, token: str | None) -> Starlette:
    """The application.

    Args:
        token: what has to be sent as `Authorization: Bearer ...`; `None` asks for nothing.
    """
    registry, alone = CollectorRegistry(), threading.Lock()
    registry.register(ProjectCollector(project))

    def text() -> bytes:
        with alone:  # who asks while another is answered waits: the same files are not read twice at once
            return generate_latest(registry)

    async def figures(_: Request) -> Response:
        return Response(await asyncio.to_thread(text), media_type=CONTENT_TYPE)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    routes = [Route("/metrics", guarded(figures, token), methods=["GET"]), Route("/health", health, methods=["GET"])]
    app = Starlette(routes=routes, exception_handlers=handlers())
    app.router.redirect_slashes = False
    return app


def watch(project: Path, listening: socket.socket, token: str | None) -> None:
    """Answer until SIGTERM or SIGINT."""
    make_server(make_app(project, token), Limits()).run(sockets=[listening])
