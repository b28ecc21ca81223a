"""`bioner metrics`: the figures of the pipeline for Prometheus, on this machine unless told otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bioner.cli.options import AsJson, print_json
from bioner.pipeline.workspace import find_project
from bioner.progress import console


def metrics(
    host: Annotated[str, typer.Option(help="Address to listen on; beyond loopback a token is needed.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 9310,
    as_json: AsJson = False,
) -> None:
    """Answer GET /metrics until interrupted: stages, teacher, GPUs and flow runs, read from disk when asked."""
    from bioner.serving.server import TOKEN, check_token, listen, url_of
    from bioner.watching.app import watch

    token = os.environ.get(TOKEN)
    check_token(host, token)
    project = find_project(Path.cwd())
    with listen(host, port) as listening:
        url = url_of(host, listening)
        if as_json:
            print_json({"url": url})
        else:
            console().print(f"{project} on {url}/metrics; interrupt to stop", highlight=False, markup=False)
        watch(project, listening, token)
