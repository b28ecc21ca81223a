"""The server around the service: where it listens, who may ask, and how it ends."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from bioner.errors import ConfigError
from bioner.serving.app import Service
from bioner.serving.batching import Batcher
from bioner.serving.limits import Limits
from bioner.serving.metrics import Metrics
from bioner.serving.model import Served

TOKEN = "BIONER_SERVE_TOKEN"  # noqa: S105 (the name of the environment variable that holds it)
_BACKLOG = 1024


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_token(host: str, token: str | None) -> None:
    """Who can be reached from elsewhere has to ask for a token.

    Raises:
        ConfigError: the host is not on loopback and there is no token, or the token cannot stand in a header.
    """
    if token is not None and not (token.isascii() and token.isprintable() and token.strip() == token != ""):
        what = "the token is empty, or holds blanks at its ends or characters that are not printable ASCII"
        raise ConfigError(what, where=TOKEN, mend="set it to letters and digits")
    if token is None and not is_loopback(host):
        mend = f"set the environment variable {TOKEN}, or leave --host out"
        raise ConfigError(f"on {host} anybody could ask", where="--host", mend=mend)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        ConfigError: the host is unknown or not one of this machine, or the port is taken.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not kept waiting by its own old connections
        listening.bind(address)
    except (OSError, OverflowError, UnicodeError) as error:
        mend = "is the port taken? see --host and --port"
        raise ConfigError(f"cannot listen: {error}", where=f"{host}:{port}", mend=mend) from error
    listening.listen(_BACKLOG)
    return listening


def url_of(host: str, listening: socket.socket) -> str:
    """The address of a page that listens."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}"


def serve(reference: str, listening: socket.socket, limits: Limits, token: str | None) -> None:
    """Answer until SIGTERM or SIGINT; then answer what was accepted, and return.

    Raises:
        ModelError: the model cannot be loaded.
    """
    metrics, model = Metrics(), Served(reference)
    batcher = Batcher(model.load, limits, metrics)
    server = make_server(Service(model, batcher, metrics, limits, token).app(), limits)
    batcher.start(failed=_stopping(server))
    try:
        server.run(sockets=[listening])
    finally:
        batcher.close()
    if batcher.failure is not None:
        raise batcher.failure


def make_server(app: ASGIApp, limits: Limits) -> uvicorn.Server:
    """A server that ends on SIGTERM or SIGINT by returning, after what it accepted is answered."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(2 * limits.seconds) + 1,  # reading and answering
    )
    _keep_signals()
    return uvicorn.Server(config)


def _stopping(server: uvicorn.Server) -> Callable[[], None]:
    def stop() -> None:
        server.should_exit = True

    return stop


def _keep_signals() -> None:
    """Uvicorn ends on them by itself, and raises them once more at its end, where they would be an exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)
