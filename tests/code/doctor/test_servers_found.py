"""MLflow and Prefect seen by the doctor: not there, not ours, not open to us."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bioner.doctor.finding import State
from bioner.doctor.prefect import pools
from bioner.doctor.tracking import tracking

Serve = Callable[..., str]


def test_a_project_without_runs_needs_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (finding,) = tracking(tmp_path)
    assert finding.state is State.OK


def test_a_server_that_is_not_there_is_told_with_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    (finding,) = tracking(tmp_path)
    assert finding.state is State.FAILURE
    assert str(port) in finding.what


@pytest.mark.slow
@pytest.mark.parametrize(("version", "state"), [("2.1.0", State.WARNING), ("<html>", State.WARNING)])
def test_a_server_of_another_version_is_a_warning(
    version: str, state: State, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", serve(200, version))
    found = list(tracking(tmp_path))
    assert found[0].state is state
    assert found[1].state is State.FAILURE, "its registry does not answer"


def test_work_pools_are_those_of_the_deployments(tmp_path: Path) -> None:
    assert pools(tmp_path) == []
    text = "deployments:\n- {name: a, work_pool: {name: x}}\n- {name: b, work_pool: {name: x}}\n- {name: c}\n"
    (tmp_path / "prefect.yaml").write_text(text)
    assert pools(tmp_path) == ["x"]
