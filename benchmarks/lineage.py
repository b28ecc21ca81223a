"""How long lineage and a rollback take on a large registry: 500 versions, 5,000 runs, and a million documents behind.

The registry is a real one, made by MLflow's own client with evidence as a registration leaves it; models are empty.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import yaml
from common import hardware
from rich.console import Console

from bioner.files import write_json
from bioner.lineage.index import open_index
from bioner.telemetry import silence
from bioner.tracking.ledger import Change, Move
from bioner.tracking.ledger_changes import change
from bioner.tracking.provenance import dvc_hash
from bioner.tracking.store import connect

ROOT = Path(__file__).parents[1]
MODEL, NAME = "models/finetune/mini", "bioner-gliner"
DATA = ("data/train/a.jsonl", "data/synthetic.jsonl")


def main() -> None:
    """Build, ask, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--versions", type=int, default=500)
    options.add_argument("--runs", type=int, default=5000)
    options.add_argument("--documents", type=int, default=1_000_000)
    options.add_argument("--quick", action="store_true", help="a tenth of each")
    options.add_argument("--out", type=Path, help="JSON file for the results")
    asked = options.parse_args()
    share = 10 if asked.quick else 1
    sizes = {name: getattr(asked, name) // share for name in ("versions", "runs", "documents")}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        seconds = {"build the registry": _timed(lambda: _build(root, **sizes))}
        for name, arguments in {
            "lineage champion": ("champion",),
            "lineage of an old version": (f"{NAME}/1",),
            "uses of a document, index made anew": ("--uses", "document-7"),
            "uses of a document": ("--uses", f"document-{sizes['documents'] - 1}"),
            "uses of a corpus": ("--uses", "a"),
            "without a document": ("--without", "document-7"),
        }.items():
            seconds[name] = _timed(lambda arguments=arguments: _bioner(root, "lineage", *arguments))  # type: ignore[misc]
        seconds["rollback beside a reader"], reads = _roll_back(root, sizes["versions"])
        index = root / ".bioner/lineage.sqlite"
        with open_index(index) as opened:
            seconds["the query alone"] = _timed(lambda: opened.uses_of("document-7"))
        size = index.stat().st_size / 1e6
    result = {"sizes": sizes, "seconds": seconds, "reads": reads, "index MB": round(size, 1), "hardware": hardware()}
    for name, value in seconds.items():
        Console().print(
            f"{name:40} {value['clock']:8.2f} s {value['processor']:8.2f} s of it computing", highlight=False
        )
    Console().print(f"{'index':40} {size:8.1f} MB", highlight=False)
    Console().print(f"{'reads of the champion meanwhile':40} {reads:8}", highlight=False)
    if asked.out:
        write_json(asked.out, result)


def _timed(work: Any) -> dict[str, float]:
    """Seconds on the clock, and of the processor for what was started: other work on the machine delays the former."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"clock": time.perf_counter() - begin, "processor": processor}


def _bioner(root: Path, *arguments: str) -> None:
    """The command as a user runs it, its start included."""
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    command = [sys.executable, "-c", "from bioner.cli import main; main()", *arguments, "--json"]
    subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)


def _roll_back(root: Path, versions: int) -> tuple[dict[str, float], int]:
    """Seconds of a rollback while a reader asks for the champion a hundred times a second, and how often it asked."""
    newest, other = str(versions), str(versions - 1)
    change(connect(root), Change(NAME, (Move("champion", newest, other),), "forced", "to have one to go back to"))
    ended = Event()

    def read() -> list[str]:
        client, seen = connect(root).client, []
        while not ended.wait(0.01):
            seen.append(str(client.get_model_version_by_alias(NAME, "champion").version))
        return seen

    with ThreadPoolExecutor(1) as threads:
        reads = threads.submit(read)
        try:
            seconds = _timed(lambda: _bioner(root, "rollback"))
        finally:
            ended.set()
        if list(dict.fromkeys(reads.result())) != [other, newest]:
            raise SystemExit("the reader did not see one champion and then the other")
    return seconds, len(reads.result())


def _build(root: Path, versions: int, runs: int, documents: int) -> None:
    """A project with data, and a registry in which every tenth run or so made a version."""
    (root / ".dvc").mkdir()
    (root / ".bioner").mkdir()
    (root / MODEL).mkdir(parents=True)
    for name in ("params.yaml", "dvc.yaml"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    for path, begin, end in ((DATA[0], 0, documents // 2), (DATA[1], documents // 2, documents)):
        _write_documents(root / path, begin, end)
    silence()
    from mlflow import MlflowClient
    from mlflow.entities import Param

    uri = f"sqlite:///{root / '.bioner/mlflow.db'}"
    client = MlflowClient(uri, uri)
    experiment = client.create_experiment("bioner", artifact_location=(root / ".bioner/mlartifacts").as_uri())
    client.create_registered_model(NAME)
    lock = _lock(root)
    for number in range(versions):
        run = client.create_run(
            experiment, tags={"bioner.stage": "finetune", "bioner.item": "mini"}, run_name="finetune"
        )
        client.log_batch(run.info.run_id, params=[Param(f"param.{n}", str(n)) for n in range(20)])
        client.set_terminated(run.info.run_id)
        _register(client, run, lock | {"number": number})
    client.set_registered_model_alias(NAME, "champion", str(versions))
    _copy_runs(root / ".bioner/mlflow.db", run.info.run_id, runs - versions)


def _copy_runs(database: Path, run: str, count: int) -> None:
    """More runs like one, by the tables themselves: the client takes a tenth of a second for each."""
    with sqlite3.connect(database) as connection:
        for table in ("runs", "params", "tags"):
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "run_uuid"]
            columns = ", ".join(names)
            query = f"INSERT INTO {table} ({columns}, run_uuid) SELECT {columns}, ? FROM {table} WHERE run_uuid = ?"  # noqa: S608
            connection.executemany(query, [(f"{number:032x}", run) for number in range(count)])
    connection.close()


def _register(client: Any, run: Any, lock: dict[str, Any]) -> None:
    """A version with its evidence."""
    client.log_text(run.info.run_id, yaml.safe_dump(lock), "evidence/e/dvc.lock")
    client.log_text(run.info.run_id, (ROOT / "params.yaml").read_text(encoding="utf-8"), "evidence/e/params.yaml")
    tags = {"bioner.evidence": "evidence/e", "bioner.model": "gliner-mini", "bioner.content": run.info.run_id}
    client.create_model_version(NAME, f"{run.info.artifact_uri}/model", run.info.run_id, tags=tags)


def _lock(root: Path) -> dict[str, Any]:
    """The lock of every version, and of the workspace."""
    data = [{"path": path, "hash": "md5", "md5": dvc_hash(root / path)} for path in DATA]
    stages = {
        "ingest@a": {"cmd": "ingest", "outs": data[:1]},
        "validate": {"cmd": "validate", "deps": data[:1], "outs": data[1:]},
        "finetune@mini": {"cmd": "finetune", "deps": data, "outs": [{"path": MODEL, "hash": "md5", "md5": "m.dir"}]},
    }
    (root / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}), encoding="utf-8")
    return {"schema": "2.0", "stages": stages}


def _write_documents(path: Path, begin: int, end: int) -> None:
    """Documents of the length of a sentence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "A sentence of some twenty words that says nothing at all, as it is here for the time that it takes to read."
    with path.open("w", encoding="utf-8") as out:
        for number in range(begin, end):
            record = {
                "id": f"document-{number}",
                "text": text,
                "language": "en",
                "spans": [],
                "source": "a",
                "meta": {},
            }
            out.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
