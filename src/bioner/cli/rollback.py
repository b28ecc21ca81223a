"""`bioner rollback`: one step back along the ledger, to the champion before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bioner.cli.options import AsJson, Profile, print_json
from bioner.pipeline.workspace import open_workspace


def rollback(
    model: Annotated[str | None, typer.Argument(help="The registered model; the GLiNER of the params if none.")] = None,
    profile: Profile = None,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the ledger.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the champion before the present one champion again, within seconds; it needs no model to be loaded."""
    from bioner.tracking.by_hand import rollback as step_back

    workspace = open_workspace(Path.cwd(), profile)
    entry = step_back(workspace.root, model or workspace.params.registry.gliner.name, reason)
    if as_json:
        print_json(entry.to_record())
        return
    moves = ", ".join(map(str, entry.change.moves))
    Console().print(
        f"{entry.change.model}: {moves}; {entry.change.decision}", highlight=False, markup=False, soft_wrap=True
    )
