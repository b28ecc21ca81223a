"""`bioner teacher`: how far the teacher is and what it gave (`status`), and whether several agree."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.options import AsJson, Profile, print_json
from bioner.cli.teacher_agree import agree
from bioner.cli.teacher_vocabulary import vocabulary
from bioner.errors import DataError
from bioner.pipeline.workspace import open_workspace
from bioner.stages import layout
from bioner.teacher.cache_status import Progress, Status, latest, read_status

_MOST_REASONS = 20


def build() -> typer.Typer:
    """The group of verbs."""
    group = typer.Typer(help="See what teachers gave, how far they are, and whether they agree.", no_args_is_help=True)
    group.command("status")(status)
    group.command("agree")(agree)
    group.command("vocabulary")(vocabulary)
    return group


def status(
    file: Annotated[Path | None, typer.Argument(help="A cache; by default the one that was written to last.")] = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Show yield, rejects by reason, tokens, cost, speed and time left, while a run is on or after it."""
    found = read_status(file or _latest(open_workspace(Path.cwd(), profile).root / layout.RECORDS))
    if as_json:
        print_json(found.to_record())
        return
    out = Console()
    out.print(_table(found))
    for title, reasons in (("texts without an annotation", found.failed), ("not taken of answers", found.mismatches)):
        if reasons:
            table = Table("reason", "times", title=title, box=None)
            for reason, times in list(reasons.items())[:_MOST_REASONS]:
                table.add_row(reason, f"{times:,}")
            out.print(table)


def _latest(folder: Path) -> Path:
    file = latest(folder)
    if file is None:
        raise DataError("no teacher has annotated anything here", where=str(folder), mend="bioner run --until distill")
    return file


def _table(found: Status) -> Table:
    table = Table(title=str(found.file), box=None, show_header=False)
    teacher, spent = found.teacher, found.spent
    if "model" in teacher:
        table.add_row("teacher", f"{teacher['model']} ({teacher.get('sampling', {}).get('task', 'copies')})")
    if found.progress:
        for row in _progress(found.progress):
            table.add_row(*row)
    table.add_row("annotated", f"{found.annotated:,}")
    if found.yielded is not None:
        table.add_row("yield", f"{found.yielded:.1%} have entities; {found.spans:,} spans")
    table.add_row("rejected", f"{sum(found.failed.values()):,}")
    if spent.replies:
        tokens = f"{spent.prompt_tokens:,} asked, {spent.completion_tokens:,} answered, in {spent.replies:,} answers"
        table.add_row("tokens", tokens)
    if found.cost is not None:
        table.add_row("cost", f"{found.cost:.4f}")
    return table


def _progress(progress: Progress) -> list[tuple[str, str]]:
    state = "under way" if progress.running else "not running"
    rows = [("last run", f"{state}: {progress.done:,} of {progress.wanted:,} texts")]
    if progress.per_second:
        rows.append(("speed", f"{progress.per_second:.1f} texts/s"))
    if progress.seconds_left is not None:
        rows.append(("left", str(timedelta(seconds=round(progress.seconds_left)))))
    return rows
