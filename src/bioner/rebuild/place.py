"""The place of a rebuild: a clone at the commit of the version, with a cache, a store and a state of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bioner.audit.subject import Subject
from bioner.errors import StageError
from bioner.files import atomic_write, hash_value, read_json, write_json
from bioner.git import ask_git, need_git
from bioner.pipeline.clone import origin_of, share_remote
from bioner.pipeline.lockfile import mend_torn
from bioner.pipeline.workspace import PIPELINE, Workspace
from bioner.project import STATE, TRACKING_URI
from bioner.rebuild.plan import Plan
from bioner.tracking.provenance import dvc_hash

_NOTE = STATE / "rebuild.json"  # in the clone: of what it is the rebuild, once it is ready


@dataclass(frozen=True, slots=True)
class Place:
    """Where a version is rebuilt.

    Attributes:
        folder: the clone.
        workspace: where its pipeline runs.
        origin: the workspace that the version was made in.
        old_root, new_root: where its params look for corpora, and where they are looked for now; the same place
            within the clone if `new_root` is `None`.
    """

    folder: Path
    workspace: Workspace
    origin: Path
    old_root: Path
    new_root: Path | None

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its stages: the code of the clone, and a tracking store that nobody else reads."""
        return {
            "PYTHONPATH": str(self.folder / "src"),
            # bytecode beside the code would change its hash; another place for it would hide that of the libraries
            "PYTHONDONTWRITEBYTECODE": "1",
            TRACKING_URI: f"sqlite:///{self.folder / STATE / 'mlflow.db'}",
        }

    def of_source(self, path: str) -> Path:
        """Where a source is, that `dvc.lock` names as seen from the workspace of that time."""
        then = Path(os.path.normpath(self.origin / path))
        if self.new_root is not None:
            return Path(os.path.normpath(self.new_root / os.path.relpath(then, self.old_root)))
        return Path(os.path.normpath(self.workspace.root / path))


def open_place(subject: Subject, folder: Path, plan: Plan, data_root: Path | None) -> Place:
    """The clone of a version, made anew unless a rebuild of the very same was interrupted in it.

    Args:
        plan: what runs, and what is given.
        data_root: where the corpora lie that are neither in git nor in the DVC remote, if not where they were.

    Raises:
        StageError: the commit is gone, or its code is not the one that made the version.
    """
    place = _place(subject, folder, data_root)
    wanted = _identity(subject, plan, place.new_root)
    note = folder / _NOTE
    if note.is_file() and read_json(note) == wanted:
        mend_torn(place.workspace)
        return place
    if folder.is_dir():
        shutil.rmtree(folder)
    _clone(subject, folder)
    _check_code(subject, place)
    share_remote(subject.project, folder)
    _own_cache(folder)
    _write_pipeline(subject, place, plan)
    write_json(note, wanted)
    return place


def begin_anew(folder: Path) -> None:
    """Let the next rebuild in a folder start from nothing."""
    (folder / _NOTE).unlink(missing_ok=True)


def _place(subject: Subject, folder: Path, data_root: Path | None) -> Place:
    profile = None if subject.workspace == subject.project else subject.workspace.name
    old_root = Path(os.path.normpath(subject.workspace / str(subject.params.get("data_root", "."))))
    outside = None if old_root.is_relative_to(subject.project) else old_root
    new_root = data_root.resolve() if data_root else outside
    return Place(folder, Workspace(folder, profile), subject.workspace, old_root, new_root)


def _identity(subject: Subject, plan: Plan, data_root: Path | None) -> dict[str, str]:
    tags = subject.version.tags
    given = [stage.name for stage in plan.given]
    return {
        "version": subject.name,
        "commit": tags["bioner.git.commit"],
        "identity": hash_value([tags["bioner.lock"], subject.params, given, str(data_root)]),
    }


def _clone(subject: Subject, folder: Path) -> None:
    """It shares git's objects with the project, so that it costs a moment and has commits that no branch holds."""
    commit, project = subject.version.tags["bioner.git.commit"], subject.project
    folder.parent.mkdir(parents=True, exist_ok=True)
    need_git(project, "clone", "--quiet", "--shared", "--no-checkout", str(project), str(folder))
    if not _has(folder, commit):
        ask_git(folder, "fetch", "--quiet", origin_of(project), "+refs/heads/*:refs/remotes/team/*")
    if not _has(folder, commit):
        mend = "fetch it from another clone; if the history was rewritten, bring it back"
        what = f"commit {commit}, whose code made the version, is neither here nor where the project was cloned from"
        raise StageError(what, where=subject.name, mend=mend)
    need_git(folder, "checkout", "--quiet", "--force", "--detach", commit)


def _has(folder: Path, commit: str) -> bool:
    return ask_git(folder, "cat-file", "-e", f"{commit}^{{commit}}") is not None


def _check_code(subject: Subject, place: Place) -> None:
    """The code is known by a commit and by the hashes in `dvc.lock`: both have to mean the same."""
    for file in sorted({file for stage in subject.stages for file in stage.code}, key=lambda file: file.path):
        path = place.workspace.root / file.path
        found = dvc_hash(path) if path.exists() else "nothing"
        if found != file.hash:
            commit = subject.version.tags["bioner.git.commit"]
            what = f"the code that ran is not that of commit {commit}: {file.path} was {file.hash}, there it is {found}"
            raise StageError(what, where=subject.name, mend="find the code that ran: it was never committed")


def _own_cache(folder: Path) -> None:
    """DVC's cache of results, which the project may share with others, must not answer in place of the stages."""
    from dvc.config import Config

    with Config(dvc_dir=str(folder / ".dvc")).edit("local") as ours:
        ours["cache"] = {"dir": str(folder / ".dvc" / "cache")}


def _write_pipeline(subject: Subject, place: Place, plan: Plan) -> None:
    """Params and stages are those of the commit, or of the version's profile, which `bioner run` composes.

    Of the version's `dvc.lock`, only what is given stays, so that everything else runs.
    """
    root = place.workspace.root
    if place.workspace.profile:
        _write(root / "params.yaml", subject.params)
        shutil.copyfile(place.folder / PIPELINE, root / PIPELINE)
    if place.new_root is not None:
        _write(root / "params.yaml", {**subject.params, "data_root": str(place.new_root)})
    stages = {stage.name: subject.lock["stages"][stage.name] for stage in plan.given}
    _write(root / "dvc.lock", {"schema": "2.0", "stages": stages})


def _write(path: Path, value: Mapping[str, Any]) -> None:
    with atomic_write(path) as out:
        yaml.safe_dump(dict(value), out, sort_keys=False, allow_unicode=True)
