"""`bioner lineage`: where a registered model came from, back to the bytes of its sources."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from bioner.cli.options import AsJson, print_json


def lineage(
    reference: Annotated[str, typer.Argument(metavar="REF", help="bioner-gliner@champion, bioner-tagger/2, ...")],
    as_json: AsJson = False,
) -> None:
    """Print the chain version -> run -> stages -> data hashes -> sources -> code."""
    from bioner.lineage.collect import collect
    from bioner.lineage.tree import render

    chain = collect(reference)
    if as_json:
        print_json(chain.to_record())
    else:
        Console().print(render(chain))
