"""Options and output that several verbs share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

Profile = Annotated[str | None, typer.Option("--profile", "-p", help="Profile (profiles/NAME.yaml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DataRoot = Annotated[Path | None, typer.Option(help="Where the corpora of the profile lie.")]


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
