"""What is audited: a version, its run, what was kept with it, and the chain of stages that follows from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.errors import ModelError
from bioner.lineage.kept import artifact, model_path, read_mapping
from bioner.lineage.objects import workspace_root
from bioner.lineage.pipeline import File, Stage, upstream
from bioner.project import project_root
from bioner.registered import registry_client, resolve
from bioner.tracking.registry import EVIDENCE

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

METRICS = "metrics"  # the folder of outputs that git keeps, and DVC's cache does not


@dataclass(frozen=True, slots=True)
class Subject:
    """A version with everything that speaks for it.

    Attributes:
        project: the folder of the repository.
        workspace: the folder of the workspace that made it.
        evidence: the folder that was kept with it, on this machine; `None` if there is none.
        lock: the `dvc.lock` in it.
        params: the `params.yaml` in it.
        model: the output of the pipeline that was registered.
        stages: the stages that made the model and its predictions, each after those that read from it.
    """

    client: MlflowClient
    version: ModelVersion
    run: Run
    project: Path
    workspace: Path
    evidence: Path | None
    lock: Mapping[str, Any]
    params: Mapping[str, Any]
    model: str
    stages: tuple[Stage, ...]

    @property
    def name(self) -> str:
        """Name and number of the version."""
        return f"{self.version.name}/{self.version.version}"

    @property
    def key(self) -> str:
        """The key of the model in `models` of the params."""
        return str(self.version.tags.get("bioner.model", ""))

    @property
    def outputs(self) -> dict[str, str]:
        """Path -> hash of everything that the stages wrote."""
        return {file.path: file.hash for stage in self.stages for file in stage.writes}

    @property
    def sources(self) -> dict[str, str]:
        """Path -> hash of what the stages read and no stage wrote: the corpora."""
        made = {Path(path) for path in self.outputs}
        return {
            file.path: file.hash
            for stage in self.stages
            for file in stage.reads
            if not any(
                out == Path(file.path) or Path(file.path) in out.parents or out in Path(file.path).parents
                for out in made
            )
        }

    def training(self) -> Stage | None:
        """The stage that made the model."""
        return next((s for s in self.stages if self.model in (file.path for file in s.writes)), None)

    def file(self, name: str) -> Path | None:
        """A file of the evidence, if it was kept."""
        return self.evidence / name if self.evidence and (self.evidence / name).exists() else None

    def output(self, path: str) -> File | None:
        """An output by its path."""
        value = self.outputs.get(path)
        return File(path, value) if value else None


def find(reference: str, start: Path) -> Subject:
    """The version that a reference names, with what was kept.

    Raises:
        ModelError: the registry has no such version, or its run is gone.
    """
    from mlflow.exceptions import MlflowException

    client = registry_client(start)
    version = resolve(client, reference.removeprefix("mlflow:"))
    try:
        run = client.get_run(version.run_id)
    except MlflowException as error:
        mend = "restore the tracking store from a backup: without its run a version has no history"
        raise ModelError(f"the run of this version is gone: {error.message}", where=reference, mend=mend) from error
    folder = version.tags.get(EVIDENCE)
    evidence = artifact(client, f"{run.info.artifact_uri}/{folder}") if folder else None
    lock, params = (read_mapping(evidence and evidence / name) for name in ("dvc.lock", "params.yaml"))
    project = project_root(start)
    workspace = workspace_root(project, version.tags.get("bioner.workspace", "main"))
    model, stages = _chain(version, lock, params)
    return Subject(client, version, run, project, workspace, evidence, lock, params, model, stages)


def _chain(version: ModelVersion, lock: Mapping[str, Any], params: Mapping[str, Any]) -> tuple[str, tuple[Stage, ...]]:
    """The output that was registered, and the stages behind it; nothing of files that somebody has damaged."""
    key = version.tags.get("bioner.model", "")
    try:
        code, model = str(params.get("code", "src/bioner")), model_path(version, params)
        targets = (f"predictions/{key}", model)
        return model, tuple({stage.name: stage for t in targets for stage in upstream(lock, code, t)}.values())
    except (AttributeError, KeyError, TypeError):
        return "", ()
