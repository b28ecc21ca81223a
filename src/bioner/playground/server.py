"""The server around the playground: on loopback only, with the first model loaded before anybody asks."""

from __future__ import annotations

import logging
import socket
import threading

from bioner.config import Params
from bioner.errors import ConfigError
from bioner.pipeline.workspace import Workspace
from bioner.playground.app import LIMITS, Playground
from bioner.playground.models import Models
from bioner.playground.offers import Offers
from bioner.review.queue import Queue
from bioner.serving.refusal import RefusedError
from bioner.serving.server import is_loopback, make_server

_LOG = logging.getLogger(__name__)


def check_loopback(host: str) -> None:
    """Who reaches the page may load models and write to the review queue: nobody but this machine.

    Raises:
        ConfigError: others would reach it.
    """
    if not is_loopback(host):
        mend = "leave --host out, and let a reverse proxy ask for a password: docs/playground.md"
        raise ConfigError(f"on {host} anybody could use the playground", where="--host", mend=mend)


def serve(workspace: Workspace, params: Params, named: list[str], listening: socket.socket) -> None:
    """Answer until SIGTERM or SIGINT; then answer what was accepted, and return.

    Raises:
        ModelError: there is no model to choose.
        RegistryError: the registry cannot be reached.
    """
    models = Models(LIMITS)
    playground = Playground(Offers(workspace.root, params, named), models, Queue(workspace.root))
    first = playground.offers()[0].reference
    server = make_server(playground.app(), LIMITS)
    warming = threading.Thread(target=_warm_up, args=(models, first), name="warm-up")
    warming.start()
    try:
        server.run(sockets=[listening])
    finally:
        warming.join()
        models.close()


def _warm_up(models: Models, reference: str) -> None:
    try:
        models.about(reference)
    except RefusedError as refusal:  # whoever asks this model is told the same
        _LOG.warning("%s: %s", reference, refusal.reason)
