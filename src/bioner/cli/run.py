"""`bioner run`: bring the pipeline of a workspace up to date, register what changed, promote what won."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bioner.cli.options import AsJson, DataRoot, Profile, print_json
from bioner.pipeline.board import board
from bioner.pipeline.exclusive import exclusive
from bioner.pipeline.figures import key_figures
from bioner.pipeline.graph import read_graph
from bioner.pipeline.lockfile import mend_torn
from bioner.pipeline.prefect_settings import settle
from bioner.pipeline.record import Done, Record, log_of, recorded
from bioner.pipeline.workspace import Workspace, open_workspace
from bioner.processes import OWNER, end_descendants, end_orphans, mark
from bioner.progress import console
from bioner.stages.guard import die_with_owner

if TYPE_CHECKING:
    from bioner.tracking.promotion import Outcome

_CANCELLED = 130


def run(
    profile: Profile = None,
    force: Annotated[list[str] | None, typer.Option(help="Run this stage even if nothing changed.")] = None,
    until: Annotated[list[str] | None, typer.Option(help="End with this stage, and register nothing.")] = None,
    data_root: DataRoot = None,
    as_json: AsJson = False,
) -> None:
    """Bring every stage up to date, register the models that changed and apply the promotion policy."""
    began = time.time()
    die_with_owner()
    workspace = open_workspace(Path.cwd(), profile, data_root)
    with exclusive(workspace):
        _clean_up(workspace)
        graph = read_graph(workspace)
        forced = [stage for name in force or [] for stage in graph.matching(name)]
        last = [stage for name in until or [] for stage in graph.matching(name)]
        stages = graph.affected(forced, last)
        outcomes: list[Outcome] = []
        if stages:
            _check_models(workspace)
        if stages or not (last or _registered(workspace)):
            outcomes = _retrain(workspace, stages, forced, last)
    records = recorded(workspace, stages, began)
    if as_json:
        print_json(_record(graph.leading_to(last), records, outcomes))
    else:
        _show(workspace, graph.leading_to(last), records, outcomes, time.time() - began)
        _next_commands(Console(), workspace, registered=not last)


def _clean_up(workspace: Workspace) -> None:
    """Mend what killed runs left behind."""
    from bioner.tracking.sweep import sweep

    end_orphans()
    torn = mend_torn(workspace)
    if torn:
        console().print(
            f"a killed run left half of dvc.lock, now {torn}: results come from DVC's cache", highlight=False
        )
    sweep()


def _check_models(workspace: Workspace) -> None:
    """Tell a wrong model reference now, and not at the stage that opens it.

    Raises:
        ModelError: there is nothing at one of the references.
    """
    from bioner.references import check

    with chdir(workspace.root):  # where stages run, and relative paths begin
        for reference in workspace.params.references:
            check(reference)


def _registered(workspace: Workspace) -> bool:
    from bioner.tracking.registry import registered_in_step

    return registered_in_step(workspace.root, workspace.params)


def _retrain(workspace: Workspace, stages: Sequence[str], forced: Sequence[str], last: Sequence[str]) -> list[Outcome]:
    """Run the flow under this process as owner of everything it starts."""
    os.environ[OWNER] = mark()
    settle(workspace.project)
    sys.path.insert(0, str(workspace.project))  # flows/ lies beside src/, not in it
    with _cancellable(workspace, stages, last), board(workspace, stages):
        from prefect import tags

        from flows.retrain import retrain
        from flows.sweep import owner_tag, sweep_flows

        sweep_flows()
        with tags(owner_tag()):
            return retrain(str(workspace.project), workspace.profile, list(forced), list(last))


class _cancellable:  # noqa: N801
    """While the block runs, an interrupt ends all that the run started and says how to resume."""

    def __init__(self, workspace: Workspace, stages: Sequence[str], last: Sequence[str]) -> None:
        self._workspace = workspace
        self._stages = stages
        self._last = last

    def __enter__(self) -> None:
        self._before = {s: signal.signal(s, self._cancel) for s in (signal.SIGINT, signal.SIGTERM)}

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _cancel(self, _number: int, _frame: FrameType | None) -> None:
        running = [s for s, r in recorded(self._workspace, self._stages).items() if r.done is Done.RUNNING]
        end_descendants()
        for stage in running:
            console().print(f"cancelled in stage {stage}; its log: {log_of(self._workspace, stage)}", highlight=False)
        console().print(f"resume with: {self._workspace.run_command(self._last)}", highlight=False)
        os._exit(_CANCELLED)  # Prefect's own handlers would wait for tasks whose processes are gone


def _record(asked: Sequence[str], records: dict[str, Record], outcomes: Sequence[Outcome]) -> dict[str, object]:
    stages = {stage: asdict(records[stage]) if stage in records else {"done": Done.CACHED} for stage in asked}
    return {"stages": stages, "models": [asdict(outcome) for outcome in outcomes]}


def _show(
    workspace: Workspace, asked: Sequence[str], records: dict[str, Record], outcomes: Sequence[Outcome], seconds: float
) -> None:
    out = Console()
    table = Table("stage", "", "seconds", "figures", title=f"{workspace.root.name}: {seconds:.0f} s", box=None)
    for stage in asked:
        record = records.get(stage)
        done, took = (record.done, f"{record.seconds:.0f}") if record else (Done.CACHED, "")
        table.add_row(
            stage, f"[green]{done}" if done is Done.RAN else f"[dim]{done}", took, key_figures(workspace.root, stage)
        )
    out.print(table)
    for outcome in outcomes:
        made = "new version" if outcome.created else "unchanged, version"
        out.print(f"{outcome.name}: {made} {outcome.version}, {outcome.decision}", highlight=False)
    if not records and not outcomes:
        out.print("Nothing changed: every stage is cached, no new version.")


def _next_commands(out: Console, workspace: Workspace, *, registered: bool) -> None:
    """What the user may do now; a run that ended before the registry has neither a report nor a model to name."""
    name = workspace.params.registry.gliner.name
    report = (workspace.root / "reports/report.html").relative_to(workspace.project)
    out.print("\nNext:", highlight=False)
    of_the_end = (
        (f"xdg-open {report}", "read the report"),
        (f'bioner predict --model mlflow:models:/{name}@champion "..."', "use the champion"),
        (f"bioner lineage {name}@champion", "where it came from"),
    )
    active = shutil.which("bioner") is not None
    for command, what in (
        *(() if active else ((f". {Path(sys.executable).parent / 'activate'}", "so that bioner is found"),)),
        *(of_the_end if registered else ((workspace.run_command(), "run the rest"),)),
        ("bioner ui", "the MLflow and Prefect pages"),
        ("git add dvc.lock metrics && git commit", "keep this state"),
    ):
        out.print(f"  {command:<68} {what}", highlight=False, markup=False, soft_wrap=True)
