"""The project on disk: where its root is, seen from any folder within it, and where its tracking store lies."""

from __future__ import annotations

import os
from pathlib import Path

STATE = Path(".bioner")  # checkpoints, caches and logs, and in the project's own folder the tracking store
TRACKING_URI = "MLFLOW_TRACKING_URI"


def project_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that holds `.dvc`; `start` itself where none does."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / ".dvc").is_dir()), here)


def tracking_uri(start: Path) -> str:
    """The MLflow store of the project that `start` lies in: `MLFLOW_TRACKING_URI`, else SQLite in its state folder."""
    return os.environ.get(TRACKING_URI) or f"sqlite:///{project_root(start) / STATE / 'mlflow.db'}"


def artifact_root(start: Path) -> Path:
    """Where the artifacts of a SQLite store lie; a tracking server has a place of its own."""
    return project_root(start) / STATE / "mlartifacts"
