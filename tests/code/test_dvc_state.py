"""What DVC keeps beside a project is its user's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bioner.dvc_state import keep_dvc_state_private

VARIABLE = "DVC_SITE_CACHE_DIR"


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The variable is not there, and will be as it was."""
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)
    return monkeypatch


def test_others_may_not_enter(unset: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unset.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "bioner/dvc").mkdir(parents=True, mode=0o777)
    keep_dvc_state_private()
    assert os.environ[VARIABLE] == str(tmp_path / "bioner/dvc")
    assert (tmp_path / "bioner/dvc").stat().st_mode & 0o777 == 0o700


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/elsewhere")
    keep_dvc_state_private()
    assert os.environ[VARIABLE] == "/elsewhere"


def test_a_folder_that_cannot_be_made_stops_no_command(unset: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    unset.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    keep_dvc_state_private()
    assert os.environ[VARIABLE] == str(tmp_path / "file/bioner/dvc")


@pytest.mark.slow
def test_the_command_line_keeps_its_notes_there(tiny_project: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    command = [Path(sys.executable).parent / "bioner", "status"]
    subprocess.run(command, cwd=tiny_project, env=environment | {"XDG_CACHE_HOME": str(tmp_path)}, check=True)
    assert list((tmp_path / "bioner/dvc/repo").iterdir())
