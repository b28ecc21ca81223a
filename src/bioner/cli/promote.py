"""`bioner promote`: judge a registered version by the policy, and make it champion if it passes or is forced."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, Profile, print_json
from bioner.errors import GateError
from bioner.pipeline.workspace import open_workspace


def promote(
    reference: Annotated[str, typer.Argument(metavar="REF", help="bioner-gliner@challenger, bioner-gliner/3, ...")],
    *,
    profile: Profile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only judge; change nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Promote whatever the policy says; needs --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the ledger.")] = "",
    as_json: AsJson = False,
) -> None:
    """Judge a version against the present champion, rule by rule; what passes, or is forced, becomes champion."""
    from bioner.cards.keeping import keep_cards
    from bioner.tracking.by_hand import promote_version

    workspace = open_workspace(Path.cwd(), profile)
    judged = promote_version(workspace.root, workspace.params, reference, dry_run=dry_run, force=force, reason=reason)
    if judged.promoted:
        keep_cards([f"{judged.name}/{judged.version}"], workspace.root)  # it has the decision
    if as_json:
        print_json(judged.to_record())
    else:
        out = Console()
        if judged.decision:
            out.print(_rules(judged.decision.to_record()["rules"]))
        out.print(f"{judged.name}/{judged.version}: {judged.sentence}", highlight=False, markup=False, soft_wrap=True)
    if not (judged.promoted or dry_run):
        raise GateError(
            f"{judged.name}/{judged.version} does not meet the policy and stays as it is: {judged.sentence}",
            mend="make a better one, change `promotion` in params.yaml, or take it on yourself: --force --reason TEXT",
        )


def _rules(rules: list[dict[str, str]]) -> Table:
    table = Table("rule", "", "figures", box=None)
    for rule in rules:
        verdict = "[green]passed" if rule["passed"] else "[red]FAILED"
        table.add_row(rule["name"], verdict, Text(rule["figures"]))
    return table
