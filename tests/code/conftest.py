"""Projects with a real tracking store, for the tests that need one."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import Project
from tiny_encoder import make_tiny_encoder

from bioner import events
from bioner.files import write_json
from bioner.telemetry import silence

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database with its tables and nothing in them: making one takes seconds, copying it does not."""
    silence()
    from mlflow import MlflowClient

    database = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(f"sqlite:///{database}", f"sqlite:///{database}").search_experiments()
    return database


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an encoder of two small layers."""
    return make_tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def event_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The structured log is on, for this process and what it starts; gives what it holds so far."""
    file = tmp_path / "log of the test.jsonl"
    monkeypatch.setenv(events.LOG, str(file))
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    loggers = [logging.getLogger(), logging.getLogger("bioner.events")]
    before = [[*logger.handlers] for logger in loggers]
    monkeypatch.setattr(loggers[1], "level", loggers[1].level)
    events.configure()
    yield lambda: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for logger, handlers in zip(loggers, before, strict=True):
        for handler in {*logger.handlers} - {*handlers}:
            logger.removeHandler(handler)


@pytest.fixture
def bare_project(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose stages have not run; the current folder is its root."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    root = tmp_path / "a project"
    (root / ".dvc").mkdir(parents=True)
    (root / ".bioner").mkdir()
    shutil.copy(empty_store, root / ".bioner" / "mlflow.db")
    shutil.copy(ROOT / "dvc.yaml", root)
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (root / "params.yaml").write_text(params.replace("resamples: 1000", "resamples: 100"), encoding="utf-8")
    monkeypatch.chdir(root)
    return Project(root)


@pytest.fixture
def project(bare_project: Project) -> Project:
    """A project whose stages have run: both models find three quarters of the mentions."""
    bare_project.write_tests()
    for model in ("gliner-mini", "tagger-selector"):
        bare_project.write_model(model, f"{model} 1", right={"en": 30, "zh": 15})
    gate = {"documents": 40, "accepted": 36, "quarantined": 4, "passed": True, "failures": []}
    write_json(bare_project.root / "metrics/validate.json", gate)
    (bare_project.root / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    return bare_project


@pytest.fixture
def challenge(project: Project) -> Callable[..., None]:
    """Replaces the GLiNER by another one, with predictions of its own."""

    def replace(weights: str, en: int, zh: int, note: str = "") -> None:
        project.write_model("gliner-mini", weights, right={"en": en, "zh": zh}, note=note)

    return replace
