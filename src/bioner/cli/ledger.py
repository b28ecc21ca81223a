"""`bioner ledger`: who moved which alias, when and why; and whether that is still what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, print_json
from bioner.errors import RegistryError
from bioner.pipeline.workspace import find_project


def build() -> typer.Typer:
    """The verbs of `bioner ledger`."""
    app = typer.Typer(help="The ledger of alias changes: who or what moved which alias, when and why.")
    app.callback(invoke_without_command=True)(show)
    app.command()(verify)
    app.command()(adopt)
    return app


def show(context: typer.Context, as_json: AsJson = False) -> None:
    """List the changes of aliases, the oldest first."""
    if context.invoked_subcommand:
        return
    from bioner.tracking.ledger_state import pending
    from bioner.tracking.ledger_store import Ledger
    from bioner.tracking.store import connect, registry_errors

    store = connect(find_project(Path.cwd()))
    with registry_errors("the ledger cannot be read"):
        entries = Ledger(store).entries()
    if as_json:
        print_json([entry.to_record() for entry in entries])
        return
    open_ones = pending(entries)
    table = Table("entry", "when (UTC)", "who", "model", "aliases", "action", "decision", box=None)
    for entry in entries:
        if entry.kind in {"done", "void", "outside"} or entry in open_ones:
            change = entry.change
            action = {"done": change.action, "outside": "found", "void": "void"}.get(entry.kind, "not ended")
            when = entry.at[:19].replace("T", " ")
            moves = "\n".join(map(str, change.moves))
            table.add_row(str(entry.number), when, str(entry.by), change.model, moves, action, Text(change.decision))
    Console().print(table)


def verify(
    expect: Annotated[str | None, typer.Option(help="Hash of an entry that was noted elsewhere.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the chain, and the aliases of the registry against it; exits with 7 if anything does not match."""
    from bioner.tracking.ledger_verify import verify as check
    from bioner.tracking.store import connect, registry_errors

    store = connect(find_project(Path.cwd()))
    with registry_errors("the ledger cannot be checked"):
        found = check(store, expect)
    if as_json:
        problems = [{"what": problem.what, "mend": problem.mend} for problem in found.problems]
        print_json({"entries": found.entries, "head": found.head, "problems": problems, "outside": list(found.outside)})
    else:
        out = Console()
        for note in found.outside:
            out.print(
                f"made without the ledger, and found later: {note}", highlight=False, markup=False, soft_wrap=True
            )
        if not found.problems:
            out.print(
                f"{found.entries} entries, all is well; the last one is {found.head}", highlight=False, soft_wrap=True
            )
    if found.problems:
        raise RegistryError(
            "the ledger and the registry do not hold: " + "; ".join(problem.what for problem in found.problems),
            mend="; ".join(dict.fromkeys(problem.mend for problem in found.problems)),
        )


def adopt(
    model: Annotated[str, typer.Argument(help="The registered model.")],
    reason: Annotated[str, typer.Option(help="How it came about; it is kept in the ledger.")] = "",
    as_json: AsJson = False,
) -> None:
    """Record the aliases of a model as they are, where somebody changed them without the ledger."""
    from bioner.tracking.ledger_changes import adopt as record
    from bioner.tracking.store import connect, registry_errors

    store = connect(find_project(Path.cwd()))
    with registry_errors(f"the aliases of {model} cannot be recorded"):
        entry = record(store, model, reason)
    if as_json:
        print_json(entry.to_record() if entry else None)
    else:
        Console().print(
            str(entry or f"the ledger has the aliases of {model} already"),
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
