"""`bioner serve`: a model behind HTTP, on this machine unless told otherwise."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bioner.cli.options import CHAMPION, AsJson, print_json
from bioner.progress import console
from bioner.serving.limits import Limits

_LIMITS = Limits()


def serve(  # noqa: PLR0917 (options of a command are named, never positional)
    model: Annotated[str, typer.Option("--model", "-m", help="Model reference.")] = CHAMPION,
    host: Annotated[str, typer.Option(help="Address to listen on; beyond loopback a token is needed.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8310,
    max_bytes: Annotated[int, typer.Option(min=1, help="Most bytes of a request.")] = _LIMITS.body,
    max_documents: Annotated[int, typer.Option(min=1, help="Most documents of a request.")] = _LIMITS.documents,
    max_characters: Annotated[int, typer.Option(min=1, help="Most characters of a document.")] = _LIMITS.characters,
    max_requests: Annotated[
        int, typer.Option(min=1, help="Most requests at a time; more are told to wait.")
    ] = _LIMITS.requests,
    timeout: Annotated[
        float, typer.Option(min=0.01, help="Seconds within which a request is answered.")
    ] = _LIMITS.seconds,
    as_json: AsJson = False,
) -> None:
    """Answer POST /predict until interrupted; GET /health, /ready, /metrics and /model tell how it is."""
    from bioner.serving.server import TOKEN, check_token, is_loopback, listen, url_of
    from bioner.serving.server import serve as answer

    token = os.environ.get(TOKEN)
    check_token(host, token)
    limits = Limits(
        body=max_bytes, documents=max_documents, characters=max_characters, requests=max_requests, seconds=timeout
    )
    with listen(host, port) as listening:
        url = url_of(host, listening)
        if as_json:
            print_json({"url": url, "model": model})
        else:
            console().print(f"{model} on {url} (POST /predict); interrupt to stop", highlight=False, markup=False)
        if not is_loopback(host):
            console().print("warning: other machines reach it, and nothing is encrypted", style="yellow")
        answer(model, listening, limits, token)
