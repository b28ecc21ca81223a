"""Collecting the chain behind a registered version: version, run, stages, data, teacher, sources, code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.files import read_json
from bioner.lineage.kept import environment, evidence_file, model_path, read_mapping
from bioner.lineage.objects import workspace_root
from bioner.lineage.pipeline import File, Stage, corpora_of, upstream
from bioner.lineage.records import CodeInfo, Lineage, RunInfo, VersionInfo
from bioner.project import project_root
from bioner.tracking.evidence import TEACHER
from bioner.tracking.provenance import dvc_hash
from bioner.tracking.registry import CONTENT, DECISION, REASONS, SCORES

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

VALIDATION = "metrics/validate.json"


def of_version(client: MlflowClient, version: ModelVersion, start: Path) -> Lineage:
    """Follow a version back to its sources, by what was kept when it was registered.

    Args:
        start: a folder in the project: what was not kept is looked for in its workspaces.
    """
    run = client.get_run(version.run_id)
    lock, params = (read_mapping(evidence_file(client, version, run, name)) for name in ("dvc.lock", "params.yaml"))
    code = str(params.get("code", "src/bioner"))
    stages = upstream(lock, code, model_path(version, params))
    evaluation = upstream(lock, code, f"predictions/{version.tags.get('bioner.model', '')}")[:1]
    workspace = workspace_root(project_root(start), version.tags.get("bioner.workspace", "main"))
    teacher, validation = (
        read_mapping(evidence_file(client, version, run, Path(path).name)) or made_by(stages, path, workspace)
        for path in (TEACHER, VALIDATION)
    )
    return Lineage(
        subject=f"{version.name}/{version.version}",
        version=_version(client, version),
        run=run_info(run),
        stages=stages,
        evaluation=evaluation[0] if evaluation else None,
        corpora=corpora_of(stages, params),
        code=_code(version, run, stages),
        teacher=teacher,
        validation=validation,
        environment=environment(client, version),
    )


def made_by(stages: Sequence[Stage], path: str, workspace: Path) -> Mapping[str, Any]:
    """A JSON file that one of the stages wrote, if the workspace still has it as it was; else nothing."""
    file = workspace / path
    written = {out.hash for stage in stages for out in stage.writes if out.path == path}
    if not written or not file.is_file() or dvc_hash(file) not in written:
        return {}
    value: Mapping[str, Any] = read_json(file)
    return value


def run_info(run: Run) -> RunInfo:
    """A run as a lineage shows it."""
    tags = run.data.tags
    inputs = run.inputs.dataset_inputs if run.inputs else []
    return RunInfo(
        id=run.info.run_id,
        name=run.info.run_name,
        status=run.info.status,
        started=in_utc(run.info.start_time),
        ended=in_utc(run.info.end_time),
        host=tags.get("bioner.host", "not kept"),
        workspace=tags.get("bioner.workspace", "not kept"),
        inputs=tuple(File(item.dataset.name, item.dataset.digest) for item in inputs),
    )


def in_utc(milliseconds: int | None) -> str:
    """A time of MLflow in ISO 8601; empty for none."""
    return (
        "" if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
    )


def code_files(stages: Sequence[Stage]) -> tuple[File, ...]:
    """The code that the stages depend on, each once."""
    return tuple(File(path, value) for path, value in sorted({(f.path, f.hash) for s in stages for f in s.code}))


def code_info(tags: Mapping[str, str], stages: Sequence[Stage]) -> CodeInfo:
    """The state of the code as tags of a run or version say it."""
    return CodeInfo(
        commit=tags.get("bioner.git.commit", "none"),
        state=tags.get("bioner.git.state", "none"),
        changed=tuple(tags.get("bioner.git.changed", "").split()),
        files=code_files(stages),
    )


def _version(client: MlflowClient, version: ModelVersion) -> VersionInfo:
    aliases = client.get_registered_model(version.name).aliases
    tags = version.tags
    return VersionInfo(
        name=version.name,
        version=str(version.version),
        created=in_utc(version.creation_timestamp),
        aliases=tuple(sorted(alias for alias, number in aliases.items() if str(number) == str(version.version))),
        model=tags.get("bioner.model", ""),
        content=tags.get(CONTENT, "not kept"),
        decision=tags.get(DECISION, "none was made"),
        rules=tuple(json.loads(tags.get(REASONS, "{}")).get("rules", ())),
        scores=json.loads(tags.get(SCORES, "{}")),
    )


def _code(version: ModelVersion, run: Run, stages: Sequence[Stage]) -> CodeInfo:
    """When the run began; when the version was registered, for a run that holds no commit."""
    return code_info(run.data.tags if "bioner.git.commit" in run.data.tags else version.tags, stages)
