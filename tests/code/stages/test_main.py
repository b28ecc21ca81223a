"""The entry point of the stages: what it is called with, and what it ends with."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioner.stages.__main__ import STAGES, main


@pytest.mark.parametrize("arguments", [[], ["cook"], ["ingest", "sample-en", "more"]])
def test_a_wrong_call_shows_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: python -m bioner.stages {ingest|" in capsys.readouterr().err


def test_a_mistake_of_the_user_is_one_message_and_its_exit_code(repository: Path, tmp_path: Path) -> None:
    call = [sys.executable, "-m", "bioner.stages", "ingest", "sample-en"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: the file cannot be read: No such file or directory\n  at:   params.yaml\n")
    assert "Traceback" not in done.stderr
    shutil.copy(repository / "params.yaml", tmp_path)
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_the_structured_log_has_begin_end_and_error_of_a_stage(
    repository: Path, tmp_path: Path, event_log: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIONER_LOG_IDS", '{"flow_run": "the run"}')
    params = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    params |= {"data_root": str(repository / "data/sample")}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    call = [sys.executable, "-m", "bioner.stages", "ingest", "sample-en"]
    assert subprocess.run(call, cwd=tmp_path).returncode == 0
    begins, ends = event_log()
    ids = {"stage": "ingest", "item": "sample-en", "workspace": str(tmp_path), "flow_run": "the run"}
    assert ids.items() <= begins.items()
    assert ids.items() <= ends.items()
    assert (begins["event"], ends["event"]) == ("stage begins", "stage ends")
    assert ends["seconds"] >= 0
    assert ends["peak_memory_bytes"] > 1 << 20
    (tmp_path / "params.yaml").unlink()
    assert subprocess.run(call, cwd=tmp_path).returncode == 2
    wrong = event_log()[-1]
    assert (wrong["event"], wrong["kind"], wrong["where"]) == ("error", "ConfigError", "params.yaml")
    assert wrong["mend"]
    assert "seconds" in wrong


def test_the_stages_are_those_of_the_pipeline_and_each_can_run(repository: Path) -> None:
    pipeline = yaml.safe_load((repository / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert set(pipeline) == set(STAGES)
    for name, stage in pipeline.items():
        assert stage.get("do", stage)["cmd"].split()[:4] == ["python", "-m", "bioner.stages", name]
        assert callable(importlib.import_module(f"bioner.stages.{name}").run)
