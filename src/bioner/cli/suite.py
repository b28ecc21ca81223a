"""`bioner suite`: the sets on which every model is judged, and what was found; `bioner run` runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bioner.cli.options import AsJson, Profile, print_json
from bioner.errors import ConfigError
from bioner.files import read_json
from bioner.pipeline.workspace import Workspace, open_workspace
from bioner.stages import layout


def suite(
    name: Annotated[str | None, typer.Argument(help="One set, with all schemes and groups; all without.")] = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Show how every model, and other systems beside them, did on the sets of the suite."""
    from bioner.suite.rows import cross_corpus_means, rows
    from bioner.suite.table import render, render_set

    workspace = open_workspace(Path.cwd(), profile)
    records = _found(workspace, name)
    if name is not None:
        print_json(records[name]) if as_json else Console().print(render_set(name, records[name]))
    elif as_json:
        means = [mean.to_record() for mean in cross_corpus_means(records)]
        print_json({"rows": [row.to_record() for row in rows(records)], "cross_corpus_means": means})
    else:
        Console().print(render(records))


def _found(workspace: Workspace, name: str | None) -> dict[str, dict[str, Any]]:
    """Set -> the figures of the last run, whether or not they are still those of the params."""
    known = workspace.params.suite
    if name is not None and name not in known:
        mend = f"known: {', '.join(known)}" if known else "add one to `suite` in params.yaml, or name a --profile"
        raise ConfigError(
            f"there is no set {name!r} in the suite", where=str(workspace.root / layout.PARAMS), mend=mend
        )
    wanted = known if name is None else [name]
    files = {key: workspace.root / layout.metrics("suite", key) for key in wanted}
    records = {key: read_json(file) for key, file in files.items() if file.is_file()}
    if not known:
        mend = "add sets to `suite` in params.yaml, or name a --profile: profiles/suite.yaml has some"
        raise ConfigError("there is no set in the suite of these params", mend=mend)
    if not records:
        raise ConfigError("the suite has no result yet", mend=f"run: {workspace.run_command()}")
    return records
