"""`bioner lineage`: where something came from, back to the bytes of its sources, and what was made from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.options import AsJson, print_json
from bioner.errors import ConfigError
from bioner.files import atomic_write

if TYPE_CHECKING:  # it imports the metric, which takes a while
    from bioner.lineage.downstream import Downstream

Reference = Annotated[
    str | None,
    typer.Argument(
        metavar="REF", help="NAME@ALIAS, NAME/3, an alias, the id of a run, a file, or the id of a document."
    ),
]


def lineage(
    reference: Reference = None,
    *,
    uses: Annotated[
        str | None, typer.Option("--uses", metavar="ID", help="Which versions used this document or corpus?")
    ] = None,
    without: Annotated[
        str | None, typer.Option("--without", metavar="ID", help="What has to be trained again without it?")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the graph as one page.")] = None,
    openlineage: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="Write OpenLineage events, or post them to a service.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the chain version -> run -> stages -> data hashes -> teacher -> sources -> code, or what used some data."""
    if sum(value is not None for value in (reference, uses, without)) != 1:
        raise ConfigError(
            "one thing at a time: a reference, --uses or --without", mend="as in: bioner lineage bioner-gliner@champion"
        )
    if reference is None:
        _downstream(str(uses or without), as_json=as_json, stages=without is not None)
    else:
        _upstream(reference, html, openlineage, as_json=as_json)


def _upstream(reference: str, html: Path | None, openlineage: str | None, *, as_json: bool) -> None:
    from bioner.lineage.openlineage import send
    from bioner.lineage.page import render_page
    from bioner.lineage.references import find
    from bioner.lineage.tree import render

    chain = find(reference)
    if html:
        with atomic_write(html) as out:
            out.write(render_page(chain))
    if openlineage:
        send(chain, openlineage, datetime.now(UTC))
    if as_json:
        print_json(chain.to_record())
    elif html is None and openlineage is None:
        Console().print(render(chain))


def _downstream(subject: str, *, as_json: bool, stages: bool) -> None:
    from bioner.lineage.downstream import find_uses

    found = find_uses(subject)
    if as_json:
        print_json(found.to_record())
        return
    _show(found, Console(), stages=stages)


def _show(found: Downstream, out: Console, *, stages: bool) -> None:
    from bioner.lineage.index import need

    table = Table("version", "aliases", "as", "without it", title=f"{found.kind} {found.subject}", box=None)
    for use in found.uses:
        roles = ", ".join(f"{role} ({count})" for role, count in sorted(use.roles.items()))
        table.add_row(f"{use.name}/{use.version}", ", ".join(use.aliases), roles, need(use.roles))
    if found.uses:
        out.print(table)
    else:
        out.print(f"No registered version used the {found.kind} {found.subject}.", highlight=False)
    if stages:
        for workspace, names in found.stages.items():
            out.print(
                f"To run again in {workspace}, once it is gone from its corpus: {', '.join(names)}", highlight=False
            )
    for path in found.unread:
        out.print(f"not known, since no copy is left: {path}", style="yellow", highlight=False)
