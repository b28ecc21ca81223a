"""A deployment is lost, and comes back on an empty machine from its backup, by the commands of `docs/servers.md`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import yaml
from audited import MODEL, REFERENCE, build
from scratch import ROOT, bioner
from team_servers import PASSWORD, Postgres, Team, start_team
from tiny_gliner import make_tiny_gliner

from bioner.tracking.ledger import Change, Move
from bioner.tracking.ledger_changes import change
from bioner.tracking.ledger_verify import verify
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow

_TEXT = "Aspirin prevents myocardial infarction and stroke."
_ADMIN = "another-pass-word-of-a-test"  # pragma: allowlist secret
_READER = ("reader", "third-pass-word-of-a-test")
_AUDIT, _REGISTRY = 6, 7  # exit codes


@dataclass(frozen=True, slots=True)
class Machine:
    """A folder with `docker/` and the backup, and in it the clone in which a worker works."""

    root: Path

    @property
    def clone(self) -> Path:
        """The worker's."""
        return self.root / "clone"

    def prepare(self) -> None:
        """Put `docker/` there, and a stand-in for the program of that name."""
        shutil.copytree(ROOT / "docker", self.root / "docker", ignore=shutil.ignore_patterns("secrets"))
        docker = self.root / "bin/docker"
        docker.parent.mkdir()
        docker.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("docker_here.py")} "$@"\n')
        docker.chmod(0o755)

    def run(self, commands: str, postgres: Postgres, origin: Path) -> str:
        """Run commands of the page, and print how long those in containers took; what they say."""
        places = [self.root / "bin", self.root / "docker", postgres.programs]
        times = self.root / "times"
        times.write_text("")
        more = {
            "PATH": os.pathsep.join((*map(str, places), os.environ["PATH"])),
            "BIONER_REPOSITORY": str(origin),
            "WORKER_FOLDER": str(self.clone),
            "TIMES": str(times),
        }
        done = subprocess.run(
            ["sh", "-euxc", commands],
            cwd=self.root,
            env=os.environ | postgres.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        copied = re.findall(r"^\d+ files from .*", done.stderr, re.MULTILINE)
        print(times.read_text(), *copied, sep="\n")
        return done.stdout


def documented() -> list[str]:
    """The blocks of commands: the backup, git's server, and the rest."""
    page = (ROOT / "docs/servers.md").read_text(encoding="utf-8")
    section = re.search(r"^## Backup and restore\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    assert section
    return re.findall(r"^```sh\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """With which this process becomes a worker of a team."""
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "dvc-state"))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    return monkeypatch


def join(team: Team, worker: pytest.MonkeyPatch) -> None:
    """Let this process, and what it starts, use the servers."""
    for name, value in (team.environment | {"MLFLOW_TRACKING_PASSWORD": _ADMIN}).items():
        worker.setenv(name, value)


def test_a_deployment_comes_back_on_an_empty_machine_and_what_its_backup_lacks_is_found(
    tmp_path: Path, worker: pytest.MonkeyPatch
) -> None:
    backup, git_lost, restore = documented()
    begin, fill, check = re.split(r"^docker compose .* up .*\n", restore, flags=re.MULTILINE)
    lost, new, origin = Machine(tmp_path / "lost"), Machine(tmp_path / "new"), tmp_path / "origin.git"
    for place in (lost.root, new.root, tmp_path / "lost-servers", tmp_path / "new-servers"):
        place.mkdir()
    with start_team(tmp_path / "lost-servers") as team:
        make_users(team)
        join(team, worker)
        make_origin(origin)
        make_project(lost.clone, team, origin, worker)
        asked, under_way = ask(lost.clone, team), begin_run(team)
        assert under_way
        lost.prepare()
        lost.run(backup, team.postgres, origin)
        later = change_alias(lost.clone)
    worker.chdir(tmp_path)
    shutil.move(lost.root / "backup", new.root)
    shutil.rmtree(lost.root)
    shutil.rmtree(origin)

    def restored(postgres: Postgres, store: str) -> None:
        worker.setenv("AWS_ENDPOINT_URL", store)
        new.prepare()
        make_origin(origin)
        for commands in (git_lost, begin, fill):
            new.run(commands, postgres, origin)

    with start_team(tmp_path / "new-servers", restored) as team:
        join(team, worker)
        git(tmp_path, "clone", "--quiet", origin, new.clone)  # as docker/worker.sh does
        noted = json.loads((new.root / "backup/ledger.json").read_text(encoding="utf-8"))[-1]["hash"]
        said = new.run(check.replace("HASH", noted), team.postgres, origin)
        for place in ("registry", "evidence", "remote", "git", "ledger"):
            assert re.search(rf"^ *{place} +[1-9]\d* +0 ", said, re.MULTILINE), said
        subprocess.run([sys.executable, "-m", "dvc", "pull", "--quiet"], cwd=new.clone, check=True)
        assert ask(new.clone, team) == asked
        assert [status(team, *user) for user in (("admin", _ADMIN), _READER)] == [200, 200]
        assert [status(team, name, "wrong") for name in ("admin", _READER[0])] == [401, 401]
        older = bioner(new.clone, "ledger", "verify", "--expect", later)
        assert older.returncode == _REGISTRY, older.stdout
        assert later in older.stderr
        lacks(new.clone, tmp_path / "bare", origin)
        assert begin_run(team) is None, "the run that was under way is held to be so still"
        with prefect(team) as server:
            server.delete(f"flow_runs/{under_way}").raise_for_status()
        assert begin_run(team)


def git(place: Path, *arguments: str | Path) -> None:
    """Run git in a folder."""
    subprocess.run(["git", "-C", place, *arguments], check=True)


def make_origin(place: Path) -> None:
    """The empty repository that a team shares."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", place], check=True)


def make_project(root: Path, team: Team, origin: Path, worker: pytest.MonkeyPatch) -> None:
    """A project whose GLiNER was made, registered and promoted, with all of it on the servers and in git."""
    root.mkdir()
    worker.chdir(root)

    def add() -> None:
        model = root / "made/models/finetune/mini"
        shutil.rmtree(model)
        (root.parent / "gliner").mkdir()
        shutil.copytree(make_tiny_gliner(root.parent / "gliner"), model)
        shutil.copytree(ROOT / "flows", root / "flows", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "prefect.yaml", root)
        program("dvc", "remote", "add", "--quiet", "--default", "team", "s3://dvc/store")

    build(root, None, add)
    git(root, "branch", "--move", "--force", "main")
    git(root, "push", "--quiet", origin, "main")
    git(root, "remote", "add", "origin", origin)
    with prefect(team) as server:
        server.post("work_pools/", json={"name": "bioner", "type": "process"}).raise_for_status()
    program("prefect", "--no-prompt", "deploy", "--all")


def program(name: str, *arguments: str) -> None:
    """Run a program of this Python in the current folder."""
    command = [sys.executable, "-m", name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr


_ASK = """
import json, sys
from typer.testing import CliRunner
from bioner.cli.app import build
answers = {}
for command in (["predict", sys.argv[1]], ["lineage", sys.argv[2]]):
    done = CliRunner().invoke(build(), [*command, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    answers[command[0]] = json.loads(done.stdout)
print(json.dumps(answers))
"""


def ask(clone: Path, team: Team) -> dict[str, Any]:
    """What a deployment answers when it is asked for what it should still know: in one process, which is fast."""
    command = [sys.executable, "-c", _ASK, _TEXT, REFERENCE]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert answers["predict"][0]["spans"]
    with prefect(team) as server:
        deployments = server.post("deployments/filter", json={}).raise_for_status().json()
    assert any(item["schedules"] for item in deployments)
    parts = ("name", "schedules", "parameters", "work_queue_name", "concurrency_options")
    return answers | {item["id"]: {part: item[part] for part in parts} for item in deployments}


def prefect(team: Team) -> httpx.Client:
    """Prefect's server."""
    return httpx.Client(base_url=f"{team.prefect}/api/", auth=("team", PASSWORD), timeout=60)


def begin_run(team: Team) -> str | None:
    """The id of a run of a deployment that is under way; `None` if the deployment has one already."""
    with prefect(team) as server:
        deployment = server.get("deployments/name/scheduled-audit/daily").raise_for_status().json()["id"]
        run = server.post(f"deployments/{deployment}/create_flow_run", json={}).raise_for_status().json()["id"]
        for state in ("PENDING", "RUNNING"):
            answer = server.post(f"flow_runs/{run}/set_state", json={"state": {"type": state}}).raise_for_status()
            if answer.json()["status"] != "ACCEPT":
                return None
    return str(run)


def make_users(team: Team) -> None:
    """Another password of the admin than a new deployment would have, and a user."""
    name, password = _READER
    with mlflow(team, "admin", PASSWORD) as server:
        server.post("users/create", json={"username": name, "password": password}).raise_for_status()
        new = {"username": "admin", "password": _ADMIN, "current_password": PASSWORD}
        server.patch("users/update-password", json=new).raise_for_status()


def mlflow(team: Team, name: str, password: str) -> httpx.Client:
    """MLflow's server, for a user."""
    return httpx.Client(base_url=f"{team.mlflow}/api/2.0/mlflow/", auth=(name, password), timeout=60)


def status(team: Team, name: str, password: str) -> int:
    """What MLflow's server answers a user who asks for the model."""
    with mlflow(team, name, password) as server:
        return server.get("registered-models/get", params={"name": MODEL}).status_code


def change_alias(clone: Path) -> str:
    """Move an alias after the backup; the hash of its entry in the ledger."""
    store = connect(clone)
    change(store, Change(MODEL, (Move("shown", None, "1"),), "forced", "after the backup"))
    return verify(store).head


def lacks(clone: Path, bare: Path, origin: Path) -> None:
    """What a bucket lacks is named by an audit, in a clone that has no copy of its own."""
    lock = yaml.safe_load((clone / "dvc.lock").read_text(encoding="utf-8"))
    (data,) = [item["md5"] for item in lock["stages"]["validate"]["outs"] if item["path"] == "data/synthetic.jsonl"]
    git(clone, "clone", "--quiet", origin, bare)
    store = boto3.client("s3")
    for bucket, end in (("mlflow", "model.safetensors"), ("dvc", data[2:])):
        names = [item["Key"] for item in store.list_objects_v2(Bucket=bucket)["Contents"]]
        (name,) = [name for name in names if name.endswith(end)]
        store.delete_object(Bucket=bucket, Key=name)
    done = bioner(bare, "audit", REFERENCE)
    assert done.returncode == _AUDIT, done.stderr
    for item in ("registry: model folder", "storage: data/synthetic.jsonl"):
        assert item in done.stderr
