"""Deployments on a real Prefect server, run by a real worker: the commands of the README, and what they leave."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
import yaml
from scratch import ROOT, Finished, bioner, run_states

pytestmark = pytest.mark.slow

_PATIENCE = 300  # seconds after which something is taken for hanging


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
    """Whether the server plans runs by itself, within some minutes."""
    planned = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    with _server() as server:
        for _ in range(_PATIENCE):
            if server.post("flow_runs/filter", json=planned).raise_for_status().json():
                return True
            time.sleep(1)
    return False


def _server() -> httpx.Client:
    """The server, without Prefect: its client keeps the address that it found when it was first imported."""
    return httpx.Client(base_url=os.environ["PREFECT_API_URL"], timeout=60, transport=_Patient())


class _Patient(httpx.HTTPTransport):
    """Sends again, as Prefect's own client does, what the server had no turn for in its SQLite database."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(_PATIENCE):
            response = super().handle_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            response.close()
            time.sleep(1)
        return response


_TWO_CHECKS = """
from concurrent.futures import ThreadPoolExecutor
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.states import Failed
from flows.drift import start_retraining

@flow(name="of-this-test")
def retrain(profile=None):
    pass

def start(profile=None):
    return start_retraining("of-this-test/on-drift", profile, 7)

with get_client(sync_client=True) as client:
    ours = client.create_deployment(client.create_flow(retrain), "on-drift")
    def made():
        return [run for run in client.read_flow_runs() if run.deployment_id == ours]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: start(), range(2)))
    print(len(made()))
    print("no retraining" in start(), len(made()))
    print("is started" in start("another"), len(made()))
    (first,) = [run for run in made() if run.parameters["profile"] is None]
    client.set_flow_run_state(first.id, Failed(), force=True)
    print("is started" in start(), len(made()))
try:
    start_retraining("of-this-test/nowhere", "third", 7)
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.usefixtures("own_server")
def test_two_drift_checks_at_once_start_one_retraining_and_the_next_waits_for_the_cool_down() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _TWO_CHECKS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    assert done.stdout.split("\n")[:5] == ["1", "True 1", "True 2", "True 3", "StageError"], done.stderr


_AUDITS = """
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from flows import audit
from flows.command import Answer

@contextmanager
def turn(*_given, **_options):
    yield SimpleNamespace(folder=Path(), environment={})

def bioner(_folder, _variables, *arguments, **_options):
    ran.append(" ".join(arguments))
    return wrong.get(arguments[-1], Answer(0, "", ""))

audit.turn, audit.bioner = turn, bioner
for wrong in ({}, {"a@champion": Answer(6, "", "found 1 items: cache: models/a"), "verify": Answer(6, "", "no chain")}):
    ran = []
    try:
        audit.scheduled_audit(["a@champion", "b@champion"])
        print("well", *ran, sep="|")
    except Exception as error:
        print(type(error).__name__, error.what.replace(chr(10), "; "), *ran, sep="|")
"""


@pytest.mark.usefixtures("own_server")
def test_an_audit_looks_at_everything_and_fails_with_each_item() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _AUDITS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    ran = "audit a@champion|audit b@champion|ledger verify"
    assert done.stdout.splitlines() == [
        f"well|{ran}",
        f"GateError|found 1 items: cache: models/a; no chain|{ran}",
    ], done.stderr


_TRAINING = """
import sys, time
from pathlib import Path
from bioner.tracking.provenance import process_tags
from bioner.tracking.store import connect
again, out = Path(sys.argv[1]), Path(sys.argv[2])
store = connect(Path.cwd())
run = store.client.create_run(store.experiment, tags=process_tags()).info.run_id
if not again.exists():
    again.touch()
    time.sleep(600)
out.write_text("trained")
store.client.set_terminated(run)
"""


@pytest.fixture
def small_team(tiny_project: Path, tmp_path: Path) -> Path:
    """A tiny project with the flows and deployments of this one, whose second stage hangs the first time; `origin`."""
    root = tiny_project
    shutil.copytree(ROOT / "flows", root / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    (distill,) = [entry for entry in deployments["deployments"] if entry["name"] == "distill"]
    distill["parameters"]["until"] = ["second"]
    distill["schedules"] = []
    (root / "prefect.yaml").write_text(yaml.safe_dump(deployments | {"deployments": [distill]}), encoding="utf-8")
    (root / "train.py").write_text(_TRAINING, encoding="utf-8")
    train = f"python train.py {tmp_path / 'again'} second.txt"
    stages = {
        "first": {"cmd": "cp data/sample/in.txt first.txt", "deps": ["data/sample/in.txt"], "outs": ["first.txt"]},
        "second": {"cmd": train, "deps": ["first.txt", "train.py"], "outs": ["second.txt"]},
    }
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    shutil.rmtree(root / "src")  # the package is the installed one
    (root / ".gitignore").write_text(".bioner/\n__pycache__/\nfirst.txt\nsecond.txt\n", encoding="utf-8")
    git(root, "checkout", "--quiet", "-B", "main")
    git(root, "add", "--all")
    git(root, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "-m", "start")
    git(tmp_path, "clone", "--quiet", "--bare", str(root), "origin.git")
    git(root, "remote", "add", "origin", str(tmp_path / "origin.git"))
    return root


@pytest.mark.usefixtures("own_server")
def test_a_run_that_is_cancelled_ends_whole_and_the_next_one_resumes(small_team: Path, tmp_path: Path) -> None:
    with _server() as server:
        server.post("work_pools/", json={"name": "bioner-cancel", "type": "process"}).raise_for_status()
        _deploy(small_team, "bioner-cancel")
        with _worker(small_team, "bioner-cancel"):
            first = _started(server)
            _wait((tmp_path / "again").exists, "the stage hangs")
            server.post(f"flow_runs/{first}/set_state", json={"state": {"type": "CANCELLING"}}).raise_for_status()
            _wait(lambda: _state(server, first) == "CANCELLED", "the run is cancelled")
            assert not [process for process in psutil.process_iter(["cmdline"]) if _of(process, tmp_path / "again")]
            assert run_states(small_team) == ["RUNNING"]  # the next run sweeps it
            second = _started(server)
            _wait(lambda: _state(server, second) in {"COMPLETED", "FAILED"}, "the next run ends")
        assert _state(server, second) == "COMPLETED"
    assert sorted(run_states(small_team)) == ["FINISHED", "KILLED"]
    assert "second" in git(tmp_path / "origin.git", "show", "retrained:dvc.lock")


def _deploy(folder: Path, pool: str) -> None:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--name", "distill", "--pool", pool]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


@contextmanager
def _worker(folder: Path, pool: str) -> Iterator[None]:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as worker:
        try:
            yield
        finally:
            worker.terminate()


def _started(server: httpx.Client) -> str:
    """Start a run of the deployment; its id."""
    deployment = server.get("deployments/name/scheduled-update/distill").raise_for_status().json()["id"]
    return str(server.post(f"deployments/{deployment}/create_flow_run", json={}).raise_for_status().json()["id"])


def _state(server: httpx.Client, run: str) -> str:
    return str(server.get(f"flow_runs/{run}").raise_for_status().json()["state_type"])


def _wait(until: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if until():
            return
        time.sleep(0.25)
    raise AssertionError(f"in {_PATIENCE} s it did not come to it that {what}")


def _of(process: psutil.Process, marker: Path) -> bool:
    return str(marker) in " ".join(process.info["cmdline"] or ())
