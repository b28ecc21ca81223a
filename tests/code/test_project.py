"""Where a project is, seen from within, and that no tool reports home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bioner.project import project_root, tracking_uri


def test_the_root_is_found_from_any_folder_within(tmp_path: Path) -> None:
    (tmp_path / "project" / ".dvc").mkdir(parents=True)
    deep = tmp_path / "project" / "workspaces" / "ncbi" / "models"
    deep.mkdir(parents=True)
    assert project_root(deep) == project_root(tmp_path / "project") == (tmp_path / "project").resolve()


def test_a_folder_in_no_project_is_its_own_root(tmp_path: Path) -> None:
    assert project_root(tmp_path) == tmp_path.resolve()


def test_all_workspaces_share_the_projects_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "workspaces" / "ncbi").mkdir(parents=True)
    assert tracking_uri(tmp_path / "workspaces" / "ncbi") == tracking_uri(tmp_path)
    assert tracking_uri(tmp_path) == f"sqlite:///{tmp_path.resolve()}/.bioner/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")
    assert tracking_uri(tmp_path) == "https://mlflow.example.org"


@pytest.mark.parametrize(
    "start",
    [
        "from bioner.telemetry import silence; silence()",
        "from bioner.stages.__main__ import main; main(['teacher', 'x'])",
    ],
)
def test_entry_points_switch_telemetry_off_and_leave_what_the_user_set(start: str, tmp_path: Path) -> None:
    names = ("DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "GX_ANALYTICS_ENABLED")
    environment = {k: v for k, v in os.environ.items() if k not in names} | {"GX_ANALYTICS_ENABLED": "mine"}
    script = f"import os\n{start}\nprint([os.environ.get(name) for name in {names}])"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['true', 'true', '1', 'mine']"
