"""`bioner protocol`: the experiments of the params and what they found; `bioner run` runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.options import AsJson, Profile, print_json
from bioner.errors import ConfigError
from bioner.files import read_json
from bioner.pipeline.workspace import Workspace, open_workspace
from bioner.stages import layout


def protocol(
    name: Annotated[str | None, typer.Argument(help="One protocol; all are listed without.")] = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Show the protocols of the params and their results."""
    from bioner.protocols.table import render

    workspace = open_workspace(Path.cwd(), profile)
    known = workspace.params.protocols
    if name is None:
        records = {key: _found(workspace, key) for key in known}
        print_json(records) if as_json else Console().print(_listed(workspace, records))
        return
    if name not in known:
        mend = f"known: {', '.join(known)}" if known else "add one to `protocols` in params.yaml, or name a --profile"
        raise ConfigError(f"there is no protocol {name!r}", where=str(workspace.root / layout.PARAMS), mend=mend)
    record = _found(workspace, name)
    if record is None:
        raise ConfigError(f"the protocol {name} has no result yet", mend=f"run: {workspace.run_command()}")
    print_json(record) if as_json else Console().print(render(name, record))


def _found(workspace: Workspace, name: str) -> dict[str, Any] | None:
    """The figures of the last run, whether or not they are still those of the params."""
    file = workspace.root / layout.metrics("protocol", name)
    record: dict[str, Any] | None = read_json(file) if file.is_file() else None
    return record


def _listed(workspace: Workspace, records: dict[str, dict[str, Any] | None]) -> Table | str:
    if not records:
        return "There is no protocol in these params; profiles/ablation-ncbi.yaml has one."
    table = Table("protocol", "kind", "corpora", "trials kept", "result", box=None)
    for name, record in records.items():
        settings = workspace.params.protocols[name]
        kept = len(list((workspace.state / "protocols" / name).glob("*.json")))
        result = f"bioner protocol {name}{workspace.option}" if record else workspace.run_command()
        table.add_row(name, settings.kind, ", ".join(settings.corpora), str(kept), result)
    return table
