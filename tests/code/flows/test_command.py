"""Running `bioner` from a flow: what it says comes back, and nothing outlives its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bioner.errors import ConfigError, RegistryError, StageError

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _flows(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(repository))


def test_what_it_prints_and_what_went_wrong_come_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from flows.command import bioner, failure

    well = bioner(tmp_path, {}, "--version", hours=1, kept=True)
    assert (well.code, well.problem) == (0, "")
    assert well.out.strip()
    wrong = bioner(tmp_path, {}, "drift", "new.txt", hours=1)
    error = failure(wrong, "drift", "new.txt", where=tmp_path)
    assert error.exit_code == ConfigError.exit_code
    assert error.what.startswith("this is not a BioNER project")
    assert "mend: change to the project's folder" in error.what
    assert "error: this is not a BioNER project" in capsys.readouterr().err  # the log of the worker has it, too
    assert "failed with exit code 5" in str(failure(type(wrong)(5, "", ""), "run", where=tmp_path))


def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import command

    begun: list[subprocess.Popen[str]] = []

    def hanging(_command: list[str], **options: object) -> subprocess.Popen[str]:
        script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
        begun.append(real([sys.executable, "-c", script], **options))
        return begun[-1]

    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", hanging)
    with pytest.raises(StageError, match=r"bioner run took longer than 0\.0002 hours"):
        command.bioner(tmp_path, {}, "run", hours=0.0002)
    assert not psutil.pid_exists(begun[0].pid) or begun[0].poll() is not None
    assert not [child for child in psutil.Process().children(recursive=True) if "time.sleep(600)" in child.cmdline()]


def test_only_a_registry_that_is_away_is_asked_again() -> None:
    from prefect.client.schemas.objects import State, StateType

    from flows.command import registry_away

    for error, again in ((RegistryError("away"), True), (StageError("failed"), False)):
        assert registry_away(None, None, State(type=StateType.FAILED, data=error)) is again  # type: ignore[arg-type]
