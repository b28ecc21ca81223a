"""`bioner rebuild`: make a registered version once more from git and the DVC remote, and compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, print_json
from bioner.errors import ConfigError, GateError

if TYPE_CHECKING:
    from bioner.rebuild.verdict import Verdict


def rebuild(
    reference: Annotated[str, typer.Argument(metavar="REF", help="bioner-gliner@champion, bioner-tagger/2, ...")],
    *,
    tolerance: Annotated[
        float | None, typer.Option(help="Accept other bytes if no score differs by more than this.")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option(help="Take the outputs of this stage from the DVC remote instead.")
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="Where corpora lie that are neither in git nor in the DVC remote.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the rebuilt workspace there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the stages behind a version again in a clean clone, and compare every output, the weights and the scores."""
    from bioner.rebuild.rebuild import rebuild as make_again

    if tolerance is not None and not 0.0 <= tolerance <= 1.0:
        raise ConfigError(f"the tolerance {tolerance} is not between 0 and 1", mend="give a difference of F1, as 0.01")
    verdict = make_again(reference, tolerance=tolerance, given=given or (), data_root=data_root, keep=keep)
    if as_json:
        print_json(verdict.to_record())
    else:
        _show(verdict)
    if not verdict.passed:
        mend = "make it in the environment of that time" if verdict.warnings else f"bioner audit {verdict.subject}"
        raise GateError(f"{verdict.subject} was not reproduced: {verdict.sentence}", mend=mend)


def _show(verdict: Verdict) -> None:
    out = Console()
    table = Table("stage", "output", "", title=f"rebuild of {verdict.subject} from commit {verdict.commit}", box=None)
    shown = ""
    for output in verdict.outputs:
        state = Text("same", style="green") if output.same else Text("other bytes", style="red")
        table.add_row("" if output.stage == shown else output.stage, output.path, state)
        shown = output.stage
    out.print(table)
    for stage in verdict.given:
        out.print(Text(f"given, and not made again: {stage}", style="yellow"))
    for warning in verdict.warnings:
        out.print(Text(f"warning: {warning}", style="yellow"), soft_wrap=True)
    for difference in verdict.weights:
        out.print(Text(f"model: {difference}", style="red"), soft_wrap=True)
    if verdict.folder:
        out.print(Text(f"kept in {verdict.folder}"), soft_wrap=True)
    if verdict.passed:
        within = (
            "" if verdict.tolerance is None or not verdict.different else f" within {verdict.tolerance} of its scores"
        )
        out.print(Text(f"reproduced{within}: {verdict.sentence}", style="green"), soft_wrap=True)
