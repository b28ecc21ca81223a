"""Collecting the chain behind a registered version: version, run, stages, data, sources, code."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bioner.lineage.pipeline import Corpus, File, Stage, corpora_of, upstream
from bioner.registered import registry_client, resolve
from bioner.tracking.registry import CONTENT, DECISION, EVIDENCE, REASONS, SCORES

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """The registered version, and why it has its alias."""

    name: str
    version: str
    aliases: tuple[str, ...]
    model: str
    content: str
    decision: str
    rules: tuple[Mapping[str, Any], ...]
    scores: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The MLflow run that made the model; times are ISO 8601 in UTC."""

    id: str
    name: str
    status: str
    started: str
    host: str
    workspace: str
    inputs: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """The code: the commit, whether tracked files differed from it, and the hashes of what the stages depend on."""

    commit: str
    state: str
    changed: tuple[str, ...]
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Everything that a version came from.

    Attributes:
        stages: the stage that made the model first, each stage after those that read from it; empty if no
            `dvc.lock` was kept.
        evaluation: the stage that made the predictions it was judged by, if known.
    """

    version: VersionInfo
    run: RunInfo
    stages: tuple[Stage, ...]
    evaluation: Stage | None
    corpora: tuple[Corpus, ...]
    code: CodeInfo

    def to_record(self) -> dict[str, Any]:
        """The chain as a JSON object."""
        return asdict(self)


def collect(reference: str, start: Path | None = None) -> Lineage:
    """Follow a version back to its sources, by what was kept when it was registered.

    Args:
        reference: `bioner-gliner@champion`, `bioner-gliner/3`, or the same after `models:/` or `mlflow:models:/`.
        start: a folder in the project; the current one by default.

    Raises:
        ModelError: the registry has no such version.
    """
    client = registry_client(start or Path.cwd())
    version = resolve(client, reference.removeprefix("mlflow:"))
    run = client.get_run(version.run_id)
    lock, params = _kept(client, version)
    code = str(params.get("code", "src/bioner"))
    model = version.tags.get("bioner.model", "")
    stages = upstream(lock, code, str(params.get("models", {}).get(model, {}).get("path", "")))
    evaluation = upstream(lock, code, f"predictions/{model}")[:1]
    return Lineage(
        version=_version(client, version, model),
        run=_run(run),
        stages=stages,
        evaluation=evaluation[0] if evaluation else None,
        corpora=corpora_of(stages, params),
        code=_code(version, run, stages),
    )


def _kept(client: MlflowClient, version: ModelVersion) -> tuple[dict[str, Any], dict[str, Any]]:
    """The `dvc.lock` and `params.yaml` of the time of registration; empty where none was kept."""
    folder = version.tags.get(EVIDENCE)
    if folder is None:
        return {}, {}
    names = {Path(item.path).name for item in client.list_artifacts(version.run_id, folder)}
    with tempfile.TemporaryDirectory() as place:
        texts = [
            Path(client.download_artifacts(version.run_id, f"{folder}/{name}", place)).read_text(encoding="utf-8")
            if name in names
            else "{}"
            for name in ("dvc.lock", "params.yaml")
        ]
    return yaml.safe_load(texts[0]), yaml.safe_load(texts[1])


def _version(client: MlflowClient, version: ModelVersion, model: str) -> VersionInfo:
    aliases = client.get_registered_model(version.name).aliases
    tags = version.tags
    return VersionInfo(
        name=version.name,
        version=str(version.version),
        aliases=tuple(sorted(alias for alias, number in aliases.items() if str(number) == str(version.version))),
        model=model,
        content=tags.get(CONTENT, "not kept"),
        decision=tags.get(DECISION, "none was made"),
        rules=tuple(json.loads(tags.get(REASONS, "{}")).get("rules", ())),
        scores=json.loads(tags.get(SCORES, "{}")),
    )


def _run(run: Run) -> RunInfo:
    tags = run.data.tags
    inputs = run.inputs.dataset_inputs if run.inputs else []
    return RunInfo(
        id=run.info.run_id,
        name=run.info.run_name,
        status=run.info.status,
        started=datetime.fromtimestamp(run.info.start_time / 1000, UTC).isoformat(timespec="seconds"),
        host=tags.get("bioner.host", "not kept"),
        workspace=tags.get("bioner.workspace", "not kept"),
        inputs=tuple(File(item.dataset.name, item.dataset.digest) for item in inputs),
    )


def _code(version: ModelVersion, run: Run, stages: tuple[Stage, ...]) -> CodeInfo:
    """The state of the code when the run began; when it was registered, for a run that holds no commit."""
    tags = run.data.tags if "bioner.git.commit" in run.data.tags else version.tags
    files = sorted({(file.path, file.hash) for stage in stages for file in stage.code})
    return CodeInfo(
        commit=tags.get("bioner.git.commit", "none"),
        state=tags.get("bioner.git.state", "none"),
        changed=tuple(tags.get("bioner.git.changed", "").split()),
        files=tuple(File(path, value) for path, value in files),
    )
