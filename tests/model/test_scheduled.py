"""A deployment on a real Prefect server, run by a real worker: the commands of the README, and what they leave."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from scratch import ROOT, Finished, bioner

pytestmark = pytest.mark.slow


@pytest.fixture
def team(finished: Finished, tmp_path: Path) -> Path:
    """The finished project with its results committed on `main`, as the run says, and an `origin`."""
    root = tmp_path / "project"
    shutil.copytree(finished.root, root, ignore=shutil.ignore_patterns("cache", "prefect"), symlinks=True)
    git(root, "checkout", "--quiet", "-B", "main")
    git(root, "add", "dvc.lock", "metrics")
    git(root, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "-m", "results")
    git(tmp_path, "clone", "--quiet", "--bare", str(root), "origin.git")
    git(root, "remote", "add", "origin", str(tmp_path / "origin.git"))
    return root


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.usefixtures("own_server")
def test_a_scheduled_run_of_what_is_done_registers_nothing_and_names_its_commit(team: Path, tmp_path: Path) -> None:
    before = json.loads(bioner(team, "status", "--json").stdout)["versions"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"\*\*Schedule.\*\*.*?```sh\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    for command in block[1].splitlines():
        if "server start" not in command:  # one is there
            once = command.replace("worker start", "worker start --run-once")
            done = subprocess.run(["sh", "-c", once], cwd=team, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    origin = tmp_path / "origin.git"
    assert git(origin, "rev-parse", "retrained^1") == git(origin, "rev-parse", "main")
    assert git(origin, "show", "retrained:dvc.lock") == git(origin, "show", "main:dvc.lock")
    assert json.loads(bioner(team, "status", "--json").stdout)["versions"] == before
    assert _planned(), "the server plans no run of a deployment that has a schedule"


def _planned() -> bool:
    """Whether the server plans runs by itself, within a minute."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType

    planned = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])))
    with get_client(sync_client=True) as client:
        for _ in range(60):
            if client.read_flow_runs(flow_run_filter=planned):
                return True
            time.sleep(1)
    return False
