"""Finding what a reference means: a version, an alias, a run, a file, a corpus or a document."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.config import read_yaml
from bioner.errors import DataError, ModelError
from bioner.lineage.collect import VALIDATION, code_info, made_by, of_version, run_info
from bioner.lineage.downstream import find_uses, with_aliases
from bioner.lineage.indexing import all_versions, up_to_date
from bioner.lineage.kept import read_mapping
from bioner.lineage.objects import workspace_root, workspaces
from bioner.lineage.pipeline import Stage, corpora_of, upstream
from bioner.lineage.records import Lineage, RunInfo, Use
from bioner.project import project_root
from bioner.registered import registry_client, resolve
from bioner.tracking.evidence import TEACHER

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_VERSION = re.compile(r"(?:mlflow:)?(?:models:/)?(?P<name>[^/@:]+)(?:@[^/@:]+|/(?:\d+|latest))")
_RUN = re.compile(r"[0-9a-f]{32}")
_ALIAS = re.compile(r"[A-Za-z][\w-]*")


def find(reference: str, start: Path | None = None) -> Lineage:
    """The lineage of whatever a reference means.

    Args:
        reference: `bioner-gliner/3`, `bioner-gliner@champion`, an alias alone (then of the GLiNER), the id of a run,
            the path of a file, the name of a corpus, or the id of a document.
        start: a folder in the project; the current one by default.

    Raises:
        ModelError: nothing is called that.
    """
    here = start or Path.cwd()
    client = registry_client(here)
    named = _VERSION.fullmatch(reference)
    if named and _aliases(client, named["name"]) is not None:
        return of_version(client, resolve(client, reference.removeprefix("mlflow:")), here)
    if _RUN.fullmatch(reference):
        return _of_run(client, reference, here)
    path = _output(reference, here)
    if path is not None:
        return _of_file(*path, here)
    if _ALIAS.fullmatch(reference):
        name = _default_model(here)
        if reference in (_aliases(client, name) or ()):
            return of_version(client, resolve(client, f"{name}@{reference}"), here)
    return _of_data(reference, here)


def _default_model(start: Path) -> str:
    """The registered model that is meant where none is named."""
    return str(read_yaml(project_root(start) / "params.yaml")["registry"]["gliner"]["name"])


def _aliases(client: MlflowClient, name: str) -> Mapping[str, str] | None:
    """The aliases of a registered model; `None` if there is none of that name."""
    from mlflow.exceptions import MlflowException

    try:
        aliases: Mapping[str, str] = client.get_registered_model(name).aliases
    except MlflowException:
        return None
    return aliases


def _of_run(client: MlflowClient, reference: str, start: Path) -> Lineage:
    """The newest version that the run made; a run that made none has the stages of the lock whose inputs it read."""
    from mlflow.exceptions import MlflowException

    made = [version for version in all_versions(client) if version.run_id == reference]
    if made:
        return of_version(client, max(made, key=lambda version: int(version.version)), start)
    try:
        run = client.get_run(reference)
    except MlflowException as error:
        raise ModelError(f"no run has the id {reference}", mend="list them with `bioner ui`") from error
    workspace = workspace_root(project_root(start), run.data.tags.get("bioner.workspace", "main"))
    return _of_stages(f"run {reference}", workspace, _stages_of_run(run, workspace), run=run)


def _stages_of_run(run: Run, workspace: Path) -> tuple[Stage, ...]:
    """The stages behind a run, as long as the workspace's lock has the inputs that it read."""
    tags = run.data.tags
    lock, code = read_mapping(workspace / "dvc.lock"), _code_of(workspace)
    name = "@".join(filter(None, (tags.get("bioner.stage"), tags.get("bioner.item"))))
    written = [str(item["path"]) for item in lock.get("stages", {}).get(name, {}).get("outs", ())]
    stages = upstream(lock, code, written[0]) if written else ()
    known = {file.path: file.hash for stage in stages for file in (*stage.reads, *stage.writes)}
    inputs = run_info(run).inputs
    return stages if all(known.get(file.path, file.hash) == file.hash for file in inputs) else ()


def _code_of(workspace: Path) -> str:
    return str(read_mapping(workspace / "params.yaml").get("code", "src/bioner"))


def _output(reference: str, start: Path) -> tuple[Path, str] | None:
    """The workspace and the path in it of an output of the pipeline, or of something in one."""
    given = Path(os.path.normpath(start.resolve() / reference))
    for folder in sorted(workspaces(start).values(), key=lambda folder: -len(folder.parts)):
        if given.is_relative_to(folder):
            path = given.relative_to(folder).as_posix()
            if upstream(read_mapping(folder / "dvc.lock"), _code_of(folder), path):
                return folder, path
    return None


def _of_file(workspace: Path, path: str, start: Path) -> Lineage:
    stages = upstream(read_mapping(workspace / "dvc.lock"), _code_of(workspace), path)
    values = {file.hash for stage in stages[:1] for file in stage.writes if file.path == path}
    with up_to_date(start) as index:
        uses = {key: roles for value in values for key, roles in index.uses_of_file(value).items()}
    return _of_stages(path, workspace, stages, uses=with_aliases(uses, start))


def _of_data(reference: str, start: Path) -> Lineage:
    """A corpus or a document: the first file that holds it, and the versions that used it."""
    try:
        found = find_uses(reference, start)
    except DataError as error:
        tried = "it is no version, alias, run, output of the pipeline, corpus or document"
        mend = "list versions with `bioner status`, corpora with `bioner corpora list`"
        raise ModelError(f"nothing is called {reference!r}: {tried}", mend=mend) from error
    name, names = next(iter(found.stages.items()), ("main", ()))
    workspace = workspace_root(project_root(start), name)
    lock = read_mapping(workspace / "dvc.lock")
    written = [str(item["path"]) for stage in names[:1] for item in lock["stages"][stage]["outs"]]
    stages = upstream(lock, _code_of(workspace), written[0]) if written else ()
    return _of_stages(f"{found.kind} {reference}", workspace, stages, uses=found.uses)


def _of_stages(
    subject: str, workspace: Path, stages: tuple[Stage, ...], *, run: Run | None = None, uses: tuple[Use, ...] = ()
) -> Lineage:
    """What the workspace's lock and params say of stages; the commit is that of the run, where there is one."""
    params: Mapping[str, Any] = read_mapping(workspace / "params.yaml")
    info: RunInfo | None = run_info(run) if run else None
    return Lineage(
        subject=subject,
        version=None,
        run=info,
        stages=stages,
        evaluation=None,
        corpora=corpora_of(stages, params),
        code=code_info(run.data.tags if run else {}, stages),
        teacher=made_by(stages, TEACHER, workspace),
        validation=made_by(stages, VALIDATION, workspace),
        environment=(),
        uses=uses,
    )
