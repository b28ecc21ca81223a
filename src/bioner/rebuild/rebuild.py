"""Rebuilding a registered version: its stages run again from git and the DVC remote, and the result is compared."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from bioner.audit.subject import Subject, find
from bioner.lineage.kept import read_mapping
from bioner.lineage.pipeline import Stage
from bioner.pipeline.board import board
from bioner.pipeline.exclusive import hold
from bioner.pipeline.submit import submit
from bioner.processes import end_orphans
from bioner.progress import console
from bioner.project import STATE
from bioner.rebuild.place import Place, begin_anew, open_place
from bioner.rebuild.plan import make_plan
from bioner.rebuild.possible import check, check_teacher, warnings
from bioner.rebuild.sources import bring_sources
from bioner.rebuild.verdict import Output, Verdict, compare_scores
from bioner.rebuild.weights import compare_folders
from bioner.registered import fetch


def rebuild(
    reference: str,
    start: Path | None = None,
    *,
    tolerance: float | None = None,
    given: Sequence[str] = (),
    data_root: Path | None = None,
    keep: bool = False,
) -> Verdict:
    """Make a version once more in a folder of its own, and compare; nothing is registered, nothing of the user's moves.

    Killed at any moment, the same call goes on: stages that ended are not run again.

    Args:
        reference: `bioner-gliner@champion`, `bioner-gliner/3`, ...
        start: a folder in the project; the current one by default.
        tolerance: how far scores may be apart; by default every byte has to be the same.
        given: stages whose outputs are taken from the DVC remote instead.
        data_root: where the corpora lie that are neither in git nor in the DVC remote, if not where they were.
        keep: leave the rebuilt workspace there.

    Raises:
        ModelError: there is no such version.
        RegistryError, StageError, DataError: it cannot be rebuilt, for the reason given.
    """
    subject = find(reference, start or Path.cwd())
    check(subject)
    plan = make_plan(subject.stages, given)
    check_teacher(subject, plan.run)
    folder = subject.project / STATE / "rebuild" / subject.name.replace("/", "-")
    what, mend = "this version is being rebuilt already", "wait for the other rebuild"
    with hold(folder.with_suffix(".lock"), what, str(folder), mend):
        end_orphans()
        place = open_place(subject, folder, plan, data_root)
        bring_sources(place, plan)
        outputs = _run(place, plan.run, f"bioner rebuild {reference}")
        verdict = Verdict(
            subject=subject.name,
            commit=subject.version.tags["bioner.git.commit"],
            outputs=outputs,
            given=tuple(stage.name for stage in plan.given),
            model=subject.model,
            weights=compare_folders(place.workspace.root / subject.model, fetch(subject.client, subject.version)),
            score=compare_scores(*_evaluations(subject, place)),
            tolerance=tolerance,
            warnings=tuple(warnings(subject)),
            folder=str(place.workspace.root) if keep else None,
        )
        begin_anew(folder)
        if not keep:
            shutil.rmtree(folder)
    return verdict


def _run(place: Place, stages: Sequence[Stage], command: str) -> tuple[Output, ...]:
    """Run the stages in turn, and say at once which outputs came out otherwise."""
    found: list[Output] = []
    with board(place.workspace, [stage.name for stage in stages]):
        for stage in stages:
            submit(place.workspace, stage.name, variables=place.variables, command=command)
            made = _made(place, stage)
            found += made
            for output in made:
                if not output.same:
                    console().print(f"{stage.name}: {output.path} came out otherwise", highlight=False, markup=False)
    return tuple(found)


def _made(place: Place, stage: Stage) -> list[Output]:
    """The outputs of a stage that has just ended."""
    entry = read_mapping(place.workspace.root / "dvc.lock").get("stages", {}).get(stage.name, {})
    hashes = {str(item["path"]): str(item.get("md5", "not kept")) for item in entry.get("outs", ())}
    return [Output(stage.name, file.path, file.hash, hashes.get(file.path, "nothing")) for file in stage.writes]


def _evaluations(subject: Subject, place: Place) -> tuple[dict[str, object], dict[str, object]]:
    """The figures of the evaluation as they were kept, and as they came out."""
    kept = read_mapping(subject.file("evaluation.json"))
    made = read_mapping(place.workspace.root / "metrics" / "evaluate" / f"{subject.key}.json")
    return kept, made
