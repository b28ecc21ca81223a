"""`bioner playground`: a page on this machine to try, compare and correct models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bioner.cli.options import AsJson, Profile, print_json
from bioner.progress import console


def playground(
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", help="Offer this model reference, too. Repeat it.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on: one of loopback.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8320,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Open a page to try any registered model on a text, compare two, and send corrections to the review queue."""
    from bioner.pipeline.workspace import open_workspace
    from bioner.playground.server import check_loopback, serve
    from bioner.serving.server import listen, url_of

    check_loopback(host)
    workspace = open_workspace(Path.cwd(), profile)
    with listen(host, port) as listening:
        url = url_of(host, listening)
        if as_json:
            print_json({"url": url})
        else:
            console().print(f"the playground is on {url}; interrupt to stop", highlight=False, markup=False)
        serve(workspace, workspace.params, model or [], listening)
