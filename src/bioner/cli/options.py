"""Options and output that several verbs share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any

import typer

Profile = Annotated[str | None, typer.Option("--profile", "-p", help="Profile (profiles/NAME.yaml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DataRoot = Annotated[Path | None, typer.Option(help="Where the corpora of the profile lie.")]

CHAMPION = "mlflow:models:/bioner-gliner@champion"  # the model that is used if none is named


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_list(values: Iterable[Any]) -> None:
    """Print values as one JSON list, each as soon as it is there."""
    opened = "["
    for value in values:
        typer.echo(f"{opened}\n{indent(json.dumps(value, ensure_ascii=False, indent=2), '  ')}", nl=False)
        opened = ","
    typer.echo("[]" if opened == "[" else "\n]")
