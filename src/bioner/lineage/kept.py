"""What was kept with a registered version: the files of its evidence, and of its logged model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bioner.tracking.registry import EVIDENCE

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a lock is read ten times as fast with it


def evidence_file(client: MlflowClient, version: ModelVersion, run: Run, name: str) -> Path | None:
    """A file or folder of a version's evidence; `None` if it was not kept."""
    folder = version.tags.get(EVIDENCE)
    return artifact(client, f"{run.info.artifact_uri}/{folder}/{name}") if folder else None


def artifact(client: MlflowClient, uri: str) -> Path | None:
    """A file or folder of the artifact store, in place where that is local, else downloaded; `None` if not there."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        found = Path(download_artifacts(artifact_uri=uri, tracking_uri=client.tracking_uri))
    except (MlflowException, OSError):
        return None
    return found if found.exists() else None


def read_mapping(path: Path | None) -> dict[str, Any]:
    """A YAML or JSON mapping; empty for a file that is not there or is none."""
    if path is None or not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        value = json.loads(text) if path.suffix == ".json" else yaml.load(text, _LOADER)  # noqa: S506 - a safe loader
    except (ValueError, yaml.YAMLError):
        return {}
    return value if isinstance(value, dict) else {}


def environment(client: MlflowClient, version: ModelVersion) -> tuple[str, ...]:
    """Python and the packages that the logged model asks for, one a line."""
    python = read_mapping(artifact(client, f"{version.source}/python_env.yaml")).get("python")
    needed = artifact(client, f"{version.source}/requirements.txt")
    packages = needed.read_text(encoding="utf-8").split() if needed else []
    return (*((f"python=={python}",) if python else ()), *packages)


def model_path(version: ModelVersion, params: Mapping[str, Any]) -> str:
    """The output of the pipeline that was registered as this version."""
    model = version.tags.get("bioner.model", "")
    return str(params.get("models", {}).get(model, {}).get("path", ""))
