"""`bioner compare`: two registered versions side by side, with paired tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.options import AsJson, Profile, print_json
from bioner.pipeline.workspace import open_workspace

if TYPE_CHECKING:
    from bioner.tracking.comparison import Comparison, Row


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="bioner-gliner@champion, bioner-gliner/3, ...")],
    second: Annotated[str, typer.Argument(metavar="B", help="Likewise.")],
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions by what they predicted on the same test documents, by type, language and shape."""
    from bioner.tracking.comparison import compare_versions

    workspace = open_workspace(Path.cwd(), profile)
    found = compare_versions(workspace.root, workspace.params, (first, second))
    if as_json:
        print_json(found.to_record())
    else:
        Console().print(_table(found))


def _table(found: Comparison) -> Table:
    title = f"{found.scheme} F1 on {found.documents} documents; {found.confidence:.0%} intervals, p after Holm"
    columns = ("", "", "mentions", found.first, found.second, "difference", "interval", "p")
    table = Table(*columns, title=title, box=None)
    kind = ""
    for row in found.rows:
        table.add_row("" if row.kind == kind else row.kind, row.name, *_figures(row))
        kind = row.kind
    return table


def _figures(row: Row) -> tuple[str, ...]:
    test = row.test
    low, high = test.interval
    scores = ("" if f1 is None else f"{f1:.3f}" for f1 in (test.baseline, test.candidate))
    return str(test.gold), *scores, f"{test.difference:+.3f}", f"{low:+.3f} to {high:+.3f}", f"{row.corrected:.3f}"
