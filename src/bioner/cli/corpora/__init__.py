"""`bioner corpora`: look at corpora, compare, convert and add them; one verb a module."""

from __future__ import annotations

import typer

from bioner.cli.corpora.add import add
from bioner.cli.corpora.compare import compare
from bioner.cli.corpora.convert import convert
from bioner.cli.corpora.inspect import inspect
from bioner.cli.corpora.listing import listing


def build() -> typer.Typer:
    """The group of verbs."""
    group = typer.Typer(help="See what a corpus holds; compare, convert and add corpora.", no_args_is_help=True)
    for name, verb in (
        ("inspect", inspect),
        ("add", add),
        ("convert", convert),
        ("list", listing),
        ("compare", compare),
    ):
        group.command(name)(verb)
    return group
