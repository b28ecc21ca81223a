"""The structured log: one JSON line an event, with its ids, without secrets, from any number of processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bioner import events

_TOLD = """
import logging
from bioner.errors import DataError
from bioner.events import configure, event, failed, within

configure(stage="distill", item=None)
with within(flow_run="run-1"):
    event("quarantined", "too long", logging.WARNING, document="d1", reasons=["too long"], seconds=1.5)
failed(DataError("wrong", where="postgresql://me:pass-word@host/x", mend="mend it"))  # pragma: allowlist secret
try:
    {}["key"]
except KeyError as error:
    failed(error, seconds=2)
logging.getLogger("a library").warning("says %s, and s3cr3t-token", "this")
logging.getLogger("a library").info("chatters")
"""
_MANY = """
import sys
from bioner.events import configure, event

configure(worker=int(sys.argv[1]))
for number in range(500):
    event("progress", "患者 " * 50, number=number)
"""


def run(script: str, *arguments: str, log: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {events.LOG: str(log), **variables}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


def read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_events_have_ids_figures_and_no_secrets(tmp_path: Path) -> None:
    log = tmp_path / "new" / "events.jsonl"
    variables = {"SOME_TOKEN": "s3cr3t-token", events.IDS: '{"scheduled_run": "outer"}'}
    done = run(_TOLD, log=log, **variables)
    row, wrong, bug, library = read(log.read_text(encoding="utf-8"))
    assert datetime.fromisoformat(row.pop("time")).utcoffset() is not None
    assert row.pop("process") > 0
    assert row == {
        "level": "warning",
        "event": "quarantined",
        "message": "too long",
        "scheduled_run": "outer",
        "stage": "distill",
        "flow_run": "run-1",
        "document": "d1",
        "reasons": ["too long"],
        "seconds": 1.5,
    }
    assert (wrong["event"], wrong["kind"]) == ("error", "DataError")
    assert (wrong["message"], wrong["mend"]) == ("wrong", "mend it")
    assert wrong["where"] == "postgresql://***@host/x"
    assert "flow_run" not in wrong
    assert (bug["kind"], bug["seconds"]) == ("KeyError", 2)
    assert "Traceback" in bug["traceback"]
    assert (library["event"], library["logger"], library["message"]) == ("log", "a library", "says this, and ***")
    assert done.stderr == "says this, and s3cr3t-token\n"  # as without a log


def test_standard_error_is_a_log_too(tmp_path: Path) -> None:
    done = run(_TOLD, log="-")
    assert [line["event"] for line in read(done.stderr)] == ["quarantined", "error", "error", "log"]
    assert not list(tmp_path.iterdir())


def test_without_the_variable_nothing_is_written() -> None:
    environment = {name: value for name, value in os.environ.items() if name != events.LOG}
    script = f"{_TOLD}\nfrom bioner.events import on\nprint(on())"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "says this, and s3cr3t-token\n")


def test_processes_append_whole_lines_to_one_file(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    environment = os.environ | {events.LOG: str(log)}
    workers = [subprocess.Popen([sys.executable, "-c", _MANY, str(n)], env=environment) for n in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    seen = [(line["worker"], line["number"]) for line in read(log.read_text(encoding="utf-8"))]
    assert sorted(seen) == [(worker, number) for worker in range(3) for number in range(500)]


def test_a_log_that_was_rotated_goes_on_in_a_new_file(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    script = f"""
from pathlib import Path
from bioner.events import configure, event
configure()
event("one", "")
Path({str(log)!r}).rename({str(tmp_path / "old")!r})
event("two", "")
"""
    run(script, log=log)
    assert [line["event"] for line in read((tmp_path / "old").read_text())] == ["one"]
    assert [line["event"] for line in read(log.read_text())] == ["two"]


def test_a_log_that_cannot_be_written_is_told_at_once_and_later_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = os.environ | {events.LOG: str(tmp_path / "file" / "log")}
    command = [sys.executable, "-m", "bioner.stages", "curate"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: the log cannot be written: ")
    assert "Traceback" not in done.stderr
    full = run(_MANY, "1", log="/dev/full")
    assert not full.stderr


def test_ids_nest_and_go_to_what_is_started() -> None:
    assert events.variables() == {}
    with events.within(flow_run="a"), events.within(mlflow_run="b"):
        assert json.loads(events.variables()[events.IDS]) == {"flow_run": "a", "mlflow_run": "b"}
    assert events.variables() == {}


def test_what_was_inherited_goes_on_to_what_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(events.IDS, '{"scheduled_run": "outer", "flow_run": "old"}')
    with events.within(flow_run="new"):
        assert json.loads(events.variables()[events.IDS]) == {"scheduled_run": "outer", "flow_run": "new"}
