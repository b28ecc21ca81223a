"""`bioner doctor`: is this machine fit, do the servers answer, and what is there to mend."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, print_json
from bioner.doctor.finding import Finding, State
from bioner.pipeline.workspace import find_project
from bioner.progress import track

_UNFIT = 8  # the exit code of a failure; a warning has none
_STYLES = {State.OK: "green", State.WARNING: "yellow", State.FAILURE: "bold red"}


def doctor(as_json: AsJson = False) -> None:
    """Check this machine, this project and the servers that it uses; exits with 8 if anything fails."""
    from bioner.doctor.examine import CHECKS, examine

    project = find_project(Path.cwd())
    found = [pair for check in track(CHECKS, "checks", len(CHECKS)) for pair in examine(project, [check])]
    if as_json:
        print_json([{"check": n, "state": f.state, "what": f.what, "mend": f.mend} for n, f in found])
    else:
        _show(found)
    if any(finding.state is State.FAILURE for _, finding in found):
        raise typer.Exit(_UNFIT)


def _show(found: list[tuple[str, Finding]]) -> None:
    table = Table("check", "state", "what was found, and how to mend it", box=None)
    for name, finding in found:
        what = Text(finding.what)
        if finding.mend:
            what.append(f"\nmend: {finding.mend}", style="dim")
        table.add_row(name, Text(finding.state, style=_STYLES[finding.state]), what)
    Console().print(table)
