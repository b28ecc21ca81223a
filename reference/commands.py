"""The page of the command line: every verb with its arguments and options, as `--help` has them."""

from __future__ import annotations

import typer
from typer.cli import get_docs_for_click


def commands(app: typer.Typer, name: str) -> str:
    """The page of an application, in Markdown."""
    command = typer.main.get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name=name), name=name, title="Commands")
    return text.strip() + "\n"
