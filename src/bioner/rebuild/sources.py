"""The sources of a rebuild: what no stage makes, from git and the DVC remote, and nothing that a stage should make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from bioner.audit.subject import METRICS
from bioner.errors import DataError, StageError
from bioner.lineage.pipeline import File, Stage
from bioner.pipeline.remote import bring
from bioner.rebuild.place import Place
from bioner.rebuild.plan import Plan
from bioner.tracking.provenance import dvc_hash


def bring_sources(place: Place, plan: Plan) -> None:
    """Bring what the stages read and none of them writes, and hold it against the hashes of the version.

    Raises:
        DataError: a source is not to be had, or is not what it was.
    """
    given = [file for stage in plan.given for file in _cached(stage)]
    missing = [stage.name for stage in plan.given if any(not _at(place, file).exists() for file in _cached(stage))]
    sources = list(_sources(plan))
    tracked = [str(file) for source in sources for file in _tracked(place, place.of_source(source.path))]
    refused = _bring(place, [*dict.fromkeys(tracked), *missing])
    for source in sources:
        _check(source, place.of_source(source.path), "source", refused)
    for file in given:
        _check(file, _at(place, file), "given output", refused)


def _bring(place: Place, targets: Sequence[str]) -> str:
    """Bring what the remote has; what DVC said if it refused, since only the checks know which file that leaves out."""
    try:
        bring(place.workspace, targets)
    except StageError as error:
        return f" ({error.what})"
    return ""


def _at(place: Place, file: File) -> Path:
    return place.workspace.root / file.path


def _cached(stage: Stage) -> Iterator[File]:
    """The outputs of a stage that DVC keeps; metrics are for git."""
    return (file for file in stage.writes if PurePosixPath(file.path).parts[0] != METRICS)


def _sources(plan: Plan) -> Iterator[File]:
    """What the stages that run read, and no stage wrote."""
    made = [PurePosixPath(file.path) for stage in (*plan.run, *plan.given) for file in stage.writes]
    for file in sorted({file for stage in plan.run for file in stage.reads}, key=lambda file: file.path):
        path = PurePosixPath(file.path)
        if not any(path.is_relative_to(out) or out.is_relative_to(path) for out in made):
            yield file


def _tracked(place: Place, path: Path) -> Sequence[Path]:
    """The `.dvc` files of the clone that speak of a path, of a folder around it, or of files in it."""
    if not path.is_relative_to(place.folder):
        return ()
    around = [folder for folder in (path, *path.parents) if folder.is_relative_to(place.folder)]
    beside = [Path(f"{folder}.dvc") for folder in around[:-1]]
    return [file for file in (*beside, *sorted(path.glob("**/*.dvc"))) if file.is_file()]


def _check(file: File, path: Path, what: str, refused: str) -> None:
    if not path.exists():
        mend = "push it from where it is (dvc push), or restore a backup; --data-root names another place of corpora"
        where = f"is in neither git nor the DVC remote{refused}"
        raise DataError(f"the {what} {file.path} {where}", where=str(path), mend=mend)
    found = dvc_hash(path)
    if found != file.hash:
        said = f"its MD5 is {found}, the version was made from {file.hash}"
        mend = "bring back what it was: its hash is its name in the DVC remote"
        raise DataError(f"the {what} {file.path} is not what it was: {said}", where=str(path), mend=mend)
