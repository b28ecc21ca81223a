"""A team at work: its servers, a worker, and a small project with the real flows whose runs can be held under way."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
import pytest
import yaml
from scratch import ROOT
from small_project import git, make_project
from team_servers import PASSWORD, Team

PATIENCE = 600  # seconds after which something is taken for hanging
_BUCKET = "dvc"
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run leaves.

    Attributes:
        commits: on the branch of results.
        trainings: MLflow runs of the stage, by how they ended.
        versions: of both registered models.
        tries: how often each stage was begun.
    """

    commits: int
    trainings: Mapping[str, int]
    versions: int
    tries: Mapping[str, int]

    def since(self, before: Facts) -> tuple[int, dict[str, int], int, dict[str, int]]:
        """What was added: commits, trainings, versions, tries."""
        return (
            self.commits - before.commits,
            dict(Counter(self.trainings) - Counter(before.trainings)),
            self.versions - before.versions,
            dict(Counter(self.tries) - Counter(before.tries)),
        )


@dataclass(frozen=True, slots=True)
class AtWork:
    """The team, its project, and this machine as the worker.

    Attributes:
        root: the project.
        place: where the signs lie by which runs are held; `origin.git` lies there, too.
        variables: the environment of the worker.
    """

    team: Team
    root: Path
    place: Path
    variables: Mapping[str, str]

    @property
    def api(self) -> httpx.Client:
        """Prefect's server, without Prefect: that keeps the address which it found when it was first imported."""
        url = f"{self.team.prefect}/api"
        return httpx.Client(base_url=url, timeout=60, auth=("team", PASSWORD))

    def change_data(self, text: str) -> Facts:
        """Somebody pushes new text, so that the next run has something to do; what there was before."""
        before = self.facts()
        (self.root / "data/sample/in.txt").write_text(f"{text}\n", encoding="utf-8")
        git(self.root, "commit", "--quiet", "--all", "--message", text)
        git(self.root, "push", "--quiet", "origin", "main")
        return before

    @contextmanager
    def held(self, point: str) -> Iterator[None]:
        """The next run waits at a point (`stage`, or `pushed`: before it registers) while the block runs.

        The block begins at once; `reached` waits until the run is there.
        """
        hold = self.place / f"{point}.hold"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()
            (self.place / f"{point}.reached").unlink(missing_ok=True)

    def reached(self, point: str, *runs: str) -> None:
        """Wait until a run is held at a point; none of `runs` may end before that."""
        sign = self.place / f"{point}.reached"

        def there() -> bool:
            ended = [self.state(run) for run in runs if self.state(run)["type"] in _ENDED]
            assert not ended, ended
            return sign.exists()

        wait_until(there, f"a run is held at {point}")

    @contextmanager
    def under_way(self, deployment: str) -> Iterator[str]:
        """A new run of a deployment, its id, held in its stage while the block runs."""
        with self.held("stage"):
            run = self.start(deployment)
            self.reached("stage", run)
            yield run

    def start(self, deployment: str) -> str:
        """Ask for a run of a deployment, as its schedule does; the run's id."""
        with self.api as server:
            known = server.get(f"deployments/name/{deployment}").raise_for_status().json()["id"]
            return str(server.post(f"deployments/{known}/create_flow_run", json={}).raise_for_status().json()["id"])

    def schedules(self, deployment: str) -> list[str]:
        """The ids of a deployment's schedules."""
        with self.api as server:
            found = server.get(f"deployments/name/{deployment}").raise_for_status().json()["schedules"]
        return [schedule["id"] for schedule in found]

    def planned(self, deployment: str) -> int:
        """How many runs of a deployment wait for their time."""
        wanted = {
            "deployments": {"name": {"any_": [deployment.partition("/")[2]]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        }
        with self.api as server:
            return int(server.post("flow_runs/count", json=wanted).raise_for_status().json())

    def press_suspend(self, run: str) -> None:
        """What the page of a flow run sends for its button *Suspend*."""
        until = datetime.now(UTC) + timedelta(hours=1)
        details = {"pause_timeout": until.isoformat(), "pause_reschedule": True}
        self._set_state(run, {"type": "PAUSED", "name": "Suspended", "state_details": details}, force=True)

    def press_resume(self, run: str) -> None:
        """What it sends for *Resume*."""
        with self.api as server:
            answer = server.post(f"flow_runs/{run}/resume").raise_for_status().json()
        assert answer["status"] == "ACCEPT", answer

    def press_retry(self, run: str) -> None:
        """What it sends for *Retry*."""
        self._set_state(run, {"type": "SCHEDULED", "name": "AwaitingRetry"}, force=False)

    def _set_state(self, run: str, state: dict[str, Any], *, force: bool) -> None:
        with self.api as server:
            asked = {"state": state, "force": force}
            answer = server.post(f"flow_runs/{run}/set_state", json=asked).raise_for_status().json()
        assert answer["status"] == "ACCEPT", answer

    def state(self, run: str) -> dict[str, Any]:
        """The state of a flow run."""
        with self.api as server:
            state: dict[str, Any] = server.get(f"flow_runs/{run}").raise_for_status().json()["state"]
        return state

    def states(self, run: str) -> list[str]:
        """The types of all states that a flow run had, in their order."""
        with self.api as server:
            found = server.get("flow_run_states/", params={"flow_run_id": run}).raise_for_status().json()
        return [state["type"] for state in sorted(found, key=lambda state: state["timestamp"])]

    def end_of(self, run: str) -> tuple[str, str]:
        """How a flow run ends: type and message of its last state."""
        wait_until(lambda: self.state(run)["type"] in _ENDED, f"the run {run} ends")
        state = self.state(run)
        return state["type"], state["message"] or ""

    def completes(self, run: str) -> None:
        """Wait until a flow run ends well."""
        kind, message = self.end_of(run)
        assert kind == "COMPLETED", message

    @contextmanager
    def worker(self, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker; it and all that it started is killed at the end."""
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "bioner"]
        environment = dict(self.variables) | variables
        with (self.place / "worker.log").open("ab") as log:
            worker = subprocess.Popen(command, cwd=self.root, env=environment, stdout=log, stderr=log)
        try:
            yield worker
        finally:
            self.kill_all()
            worker.wait()

    def processes(self, but: str = "") -> list[psutil.Process]:
        """The workers and what they started, as far as it still runs.

        Args:
            but: those with this word in their command line are left out.
        """
        home = self.variables["PREFECT_HOME"]
        found = [process for process in psutil.process_iter() if _variable(process, "PREFECT_HOME") == home]
        return [process for process in found if not but or but not in process.cmdline()]

    def engines(self) -> list[psutil.Process]:
        """The processes of flow runs."""
        return [process for process in self.processes() if "prefect.engine" in process.cmdline()]

    def kill_all(self) -> None:
        """Kill the workers and all that they started, at once."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def clear(self) -> None:
        """Take away what a test left that went wrong: processes, signs, and flow runs that nobody carries out."""
        self.kill_all()
        for sign in (*self.place.glob("*.hold"), *self.place.glob("*.reached")):
            sign.unlink()
        with self.api as server:
            open_states = {"flow_runs": {"state": {"type": {"not_any_": sorted(_ENDED)}}}}
            for run in server.post("flow_runs/filter", json=open_states).raise_for_status().json():
                cancelled = {"state": {"type": "CANCELLED"}, "force": True}
                server.post(f"flow_runs/{run['id']}/set_state", json=cancelled).raise_for_status()

    def facts(self) -> Facts:
        """What there is."""
        from mlflow import MlflowClient

        client = MlflowClient()
        runs = client.search_runs([e.experiment_id for e in client.search_experiments()])
        trainings = Counter(run.info.status for run in runs if run.data.tags["bioner.stage"] == "finetune")
        tries = (self.place / "tries").read_text(encoding="utf-8").split() if (self.place / "tries").exists() else []
        commits = git(self.origin, "rev-list", "--count", "retrained", "^main") if self._results else "0"
        return Facts(int(commits), trainings, len(client.search_model_versions()), Counter(tries))

    @property
    def origin(self) -> Path:
        """The repository that the team shares."""
        return self.place / "origin.git"

    @property
    def _results(self) -> bool:
        return bool(git(self.origin, "branch", "--list", "retrained"))

    def assert_whole(self) -> None:
        """Nothing is half done: MLflow, the ledger, the branch of results, the DVC remote and Prefect's own counts."""
        from mlflow import MlflowClient

        from bioner.tracking.ledger_verify import verify
        from bioner.tracking.store import connect

        client = MlflowClient()
        runs = client.search_runs([e.experiment_id for e in client.search_experiments()], "status = 'RUNNING'")
        assert not runs, "no MLflow run is left RUNNING"
        assert not verify(connect(self.root)).problems
        lock = yaml.safe_load(git(self.origin, "show", "retrained:dvc.lock"))
        (data,) = (item for item in lock["stages"]["ingest"]["deps"] if item["path"] == "data/sample/in.txt")
        assert data["md5"] == _md5((self.root / "data/sample/in.txt").read_bytes()), "the results are of the last data"
        for stage in lock["stages"].values():
            for item in stage["outs"]:
                if item.get("hash") == "md5" and not item["path"].startswith("metrics"):
                    self._assert_kept(item["md5"])
        with self.api as server:
            limits = server.post("v2/concurrency_limits/filter", json={}).raise_for_status().json()
        assert [limit["active_slots"] for limit in limits] == [0] * len(limits), "no place of a deployment is kept"

    def _assert_kept(self, value: str) -> None:
        """The DVC remote has these bytes, and of a folder all files."""
        store = boto3.client("s3", endpoint_url=self.team.s3)
        key = f"store/files/md5/{value[:2]}/{value[2:]}"
        content = store.get_object(Bucket=_BUCKET, Key=key)["Body"].read()
        assert _md5(content) == value.removesuffix(".dir")
        if value.endswith(".dir"):
            for file in json.loads(content):
                self._assert_kept(file["md5"])


@contextmanager
def at_work(team: Team, root: Path, place: Path) -> Iterator[AtWork]:
    """A project in an empty folder `root`, with an `origin`, deployed; this process has the worker's environment."""
    variables = dict(os.environ) | team.environment
    variables |= {
        "PYTHONPATH": os.pathsep.join((str(ROOT / "tests/code"), os.environ.get("PYTHONPATH", ""))).rstrip(os.pathsep),
        "DVC_SITE_CACHE_DIR": str(place / "dvc-state"),
        "PREFECT_HOME": str(place / "worker"),  # the server has its own
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    make_project(root, place, _BUCKET)
    work = AtWork(team, root, place, variables)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in team.environment.items():
            patch.setenv(name, value)
        with work.api as server:
            server.post("work_pools/", json={"name": "bioner", "type": "process"}).raise_for_status()
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        done = subprocess.run(
            command, cwd=root, env=variables, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        yield work


def _variable(process: psutil.Process, name: str) -> str | None:
    """A variable of the environment that a process was started with."""
    try:
        return process.environ().get(name)
    except psutil.Error:
        return None


def wait_until(ready: Callable[[], bool], what: str) -> None:
    """Wait for something that will come in time."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.5)
    raise AssertionError(f"in {PATIENCE} s it did not come to it that {what}")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
