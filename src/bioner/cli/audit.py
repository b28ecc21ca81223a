"""`bioner audit`: whether everything behind a registered model still is what it was."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.audit.findings import Audit, State
from bioner.cli.options import AsJson, print_json
from bioner.errors import GateError

_SHOWN = 3  # items that the error names; the table has all


def audit(
    reference: Annotated[str, typer.Argument(metavar="REF", help="bioner-gliner@champion, bioner-tagger/2, ...")],
    as_json: AsJson = False,
) -> None:
    """Hash every artifact behind a model again, and hold registry, evidence, run, git and ledger against each other."""
    from bioner.audit.audit import audit as examine

    result = examine(reference)
    wrong = result.of(State.WRONG)
    if as_json:
        print_json(result.to_record())
    else:
        _show(result)
    if wrong:
        items = "; ".join(f"{finding.place}: {finding.item}" for finding in wrong[:_SHOWN])
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise GateError(
            f"the audit of {result.subject} found {len(wrong)} items that do not match: {items}{more}",
            mend=wrong[0].mend,
        )


def _show(result: Audit) -> None:
    out = Console()
    table = Table("place", "right", "wrong", "not checked", title=f"audit of {result.subject}", box=None)
    for place, counts in result.counts.items():
        table.add_row(place, *(str(counts[state]) for state in ("right", "wrong", "unchecked")))
    out.print(table)
    for state, style in ((State.UNCHECKED, "dim"), (State.WRONG, "red")):
        for finding in result.of(state):
            out.print(Text(f"{state}: {finding.place}: {finding.item}: {finding.what}", style=style), soft_wrap=True)
            if finding.mend:
                out.print(Text(f"  mend: {finding.mend}"), soft_wrap=True)
