"""The project on disk: where its root is, seen from any folder within it, and where its tracking store lies."""

from __future__ import annotations

import os
from pathlib import Path

STATE = Path(".bioner")  # checkpoints, caches and logs, and in the project's own folder the tracking store
TRACKING_URI = "MLFLOW_TRACKING_URI"
_SQLITE = "sqlite:///"


def project_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that holds `.dvc`; `start` itself where none does."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / ".dvc").is_dir()), here)


def tracking_uri(start: Path) -> str:
    """The MLflow store of the project that `start` lies in: `MLFLOW_TRACKING_URI`, else SQLite in its state folder."""
    return os.environ.get(TRACKING_URI) or f"{_SQLITE}{project_root(start) / STATE / 'mlflow.db'}"


def store_folder(uri: str) -> Path | None:
    """The folder of a SQLite store, where its artifacts lie too; `None` for a server, which has a place of its own."""
    return Path(uri.removeprefix(_SQLITE)).resolve().parent if uri.startswith(_SQLITE) else None
