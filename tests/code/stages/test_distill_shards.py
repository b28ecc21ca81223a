"""Distillation in workers: threads, Dask and Ray write the same bytes, ask once, and share limits and budget."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from misbehaving import MODEL, Server, serve

from bioner.config import parse_params
from bioner.config.teacher import Endpoint, Limits
from bioner.documents import Document, write_documents
from bioner.errors import ConfigError
from bioner.stages import distill_runners, distill_shards, layout, teacher
from bioner.stages.context import Context
from bioner.teacher.endpoint import share_of

TEXTS = [f"Patient {n} took {'aspirin' if n % 3 else 'nothing'} and went home." for n in range(60)]
LIMITS = {"concurrency": 4, "timeout": 20, "wait": 0.01}
WAYS = [("threads", 1), ("threads", 2), ("dask", 2), ("ray", 2)]

# One process for all ways, and one server, whose start takes seconds. It prints what each way wrote and ended with, and
# the shards that are left.
STAGE = """
import hashlib, json, sys
from bioner.config import load_params
from bioner.errors import BionerError
from bioner.stages import distill, layout
from bioner.stages.context import Context
from bioner.stages.distill_runners import prefect_server
from bioner.teacher.cache_status import read_status

def run(runner, workers, budget):
    params = load_params(layout.PARAMS)
    settings = params.distill.model_copy(update={"runner": runner, "workers": workers})
    section = params.teacher.endpoint
    section = section.model_copy(update={"budget": section.budget.model_copy(update={"tokens": budget})})
    teacher = params.teacher.model_copy(update={"endpoint": section})
    error = None
    try:
        distill.run(Context("distill", None, params.model_copy(update={"distill": settings, "teacher": teacher})))
    except BionerError as problem:
        error = [type(problem).__name__, problem.what, problem.mend]
    files = [layout.DISTILLED, layout.UNGROUNDED, layout.metrics("distill")]
    written = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.exists()]
    (cache,) = layout.RECORDS.glob("*.sqlite")
    status = read_status(cache)
    counts = [status.annotated, status.spent.replies, status.progress.wanted, status.progress.done]
    for file in [*files, cache]:
        file.unlink(missing_ok=True)
    return {"written": written, "error": error, "counts": counts}

if __name__ == "__main__":
    with prefect_server():
        said = [run(*way) for way in json.loads(sys.argv[1])]
    print(json.dumps([*said, [path.name for path in (layout.STATE / "shards").iterdir()]]))
"""


def answer(turn: str) -> str:
    """The drug, and one that is not in the text."""
    named = ["aspirin"] if "aspirin" in turn else []
    return json.dumps(
        {"entities": [{"id": n, "text": t, "type": "drug"} for n, t in enumerate([*named, "colchicine"])]}
    )


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(answer) as running:
        yield running


@pytest.fixture
def workspace(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Path:
    """A folder with params, curated texts and the manifest of the server's model."""
    monkeypatch.chdir(tmp_path)
    values = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    endpoint = {"url": server.url, "model": MODEL, "task": "open_ner", "limits": LIMITS}
    values["teacher"] = {"backend": "endpoint", "min_score": 0.5, "endpoint": endpoint}
    values["distill"] |= {"chunk": 4}
    layout.PARAMS.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    write_documents(layout.CURATED, [Document(f"d{n}", text, "en", source="s") for n, text in enumerate(TEXTS)])
    teacher.run(Context("teacher", None, parse_params(values, "params.yaml")))
    return tmp_path


def distilled(ways: list[tuple[str, int, int | None]]) -> list[Any]:
    """What the stage did in each way, one after the other; in the end the shards that are left."""
    script = Path("distill_in_ways.py")
    script.write_text(STAGE, encoding="utf-8")
    done = subprocess.run([sys.executable, script, json.dumps(ways)], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    said: list[Any] = json.loads(done.stdout)
    return said


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
def test_workers_write_the_same_bytes_wherever_they_are_and_share_the_budget(server: Server) -> None:
    server.latency = 0.02
    *ways, poor, left = distilled([*((*way, None) for way in WAYS), ("threads", 2, 20 * 120)])
    assert all(way == ways[0] for way in ways), ways
    assert ways[0]["error"] is None
    assert len(ways[0]["written"]) == 3
    assert ways[0]["counts"] == [60, 60, 60, 60]
    assert min(server.log.asked.values()) == len(WAYS)
    assert server.log.asked.total() == sum(way["counts"][1] for way in [*ways, poor]), "a text was asked for twice"
    assert server.log.most <= LIMITS["concurrency"]
    kind, what, mend = poor["error"]
    assert kind == "GateError"
    assert "budget is used up" in what
    assert "kept" in mend
    spent = poor["counts"][1]  # answers, of which the server says that each takes 120 tokens
    assert 10 <= spent <= 30, "20 were allowed; workers that know nothing of each other spend 40"
    assert not left


def test_limits_are_divided_and_never_exceeded() -> None:
    limits = Limits(concurrency=7, requests_per_minute=100)
    endpoint = Endpoint(url="http://127.0.0.1:1/v1", model=MODEL, limits=limits)
    mine = share_of(endpoint, 3).limits
    assert (mine.concurrency, mine.requests_per_minute) == (2, 33)
    assert share_of(endpoint, 1) == endpoint
    with pytest.raises(ConfigError, match="8 workers cannot share a limit of 7"):
        share_of(endpoint, 8)


def test_a_runner_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect_dask", None)
    with pytest.raises(ConfigError, match="'dask' is not installed") as caught:
        distill_runners.task_runner("dask", 2)
    assert "bioner-foundry[dask]" in caught.value.mend


def test_shards_of_killed_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    old, other = (layout.STATE / "shards" / name for name in (str(finished.pid), "1"))
    for folder in (old, other):
        folder.mkdir(parents=True)
    with distill_shards.shard_folder() as mine:
        assert mine.is_dir()
        assert not old.exists()
        assert other.exists(), "another process may still need it"
    assert not mine.exists()
