"""Scratch copies of the project, with params so small that the whole pipeline runs in minutes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

# Every stage is the real one; only how long it works is cut, and the gate is opened for what a short training yields.
_SMALLEST: dict[str, Any] = {
    "threads": 1,  # several tests run at once
    "curate": {"limit": 12},
    "tagger": {"steps": 16, "dev_documents": 2},
    "selector": {"steps": 3, "dev_documents": 2},
    "teacher": {"min_score": 0.0},
    "validate": {
        "max_quarantined": 1.0,
        "min_rows": 1,
        "min_yield": 0.0,
        "max_entity_words": 1000,
        "max_label_drift": 1.0,
        "max_length_drift": 1.0,
        "max_spans_per_word": 5.0,
        "min_score": 0.0,
        "density_ratio": [0.0, 1000.0],
        "min_types": 0.0,
    },
    "pretrain": {"steps": 3},
    "finetune": {"steps": 4},
    "evaluate": {"resamples": 100},
    "promotion": {"min_f1": 0.0},
}
_TYPES = ("disease", "anatomy")  # the most frequent two: all eight take four times as long, and longer to be learnt
_GOLD = {"limit": {"train": 12, "dev": 6, "test": 6}, "labels": {name: name for name in _TYPES}}


@dataclass(frozen=True, slots=True)
class Finished:
    """A project in which `bioner run` ended well.

    Attributes:
        root: the project's folder.
        output: what the run printed.
        isolated: whether it ran in a network namespace without a route.
    """

    root: Path
    output: str
    isolated: bool


def copy_project(target: Path) -> Path:
    """Copy the files of the repository, make the params small, and commit it all."""
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "metrics/", "workspaces/", "dvc.lock")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    params = yaml.safe_load((target / "params.yaml").read_text(encoding="utf-8"))
    for section, values in _SMALLEST.items():
        params[section] = params[section] | values if isinstance(values, dict) else values
    params["types"] = {name: params["types"][name] for name in _TYPES}
    for corpus in params["corpora"].values():
        corpus.update(_GOLD if "train" in corpus["splits"] else {"limit": {"unlabelled": 20}})
    (target / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True, sort_keys=False), encoding="utf-8")
    commit = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "-m", "start"]
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"], commit):
        subprocess.run(command, cwd=target, check=True)
    return target


def share_base(source: Path, target: Path) -> None:
    """Let a project use the base model that another workspace has read already, as reading it takes long."""
    for folder in (source / ".bioner/cache").glob("base-*"):  # and not the annotations, which also lie there
        shutil.copytree(folder, target / ".bioner/cache" / folder.name, copy_function=os.link)


def bioner(root: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the command line in a project."""
    command = [*prefix, "bioner", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def namespace() -> tuple[str, ...]:
    """A prefix that runs a command where only loopback exists; empty where the system does not allow that."""
    prefix = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return ()
    return prefix if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0 else ()


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for_page(port: int, path: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server on loopback answers."""
    for _ in range(1200):  # a first start makes a database, and other tests run meanwhile
        assert server.poll() is None, "the server ended by itself"
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except (OSError, HTTPException):
            time.sleep(0.5)
        finally:
            connection.close()
    raise AssertionError(f"nothing answers on port {port}")


def run_states(root: Path) -> list[str]:
    """The states of all MLflow runs of a project."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{root}/.bioner/mlflow.db")
    return [run.info.status for run in client.search_runs([e.experiment_id for e in client.search_experiments()])]
