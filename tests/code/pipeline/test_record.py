"""What stages did last, as small files, and the last line of a log that is still being written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bioner.pipeline.record import Done, Record, keep, last_line, log_of, recorded
from bioner.pipeline.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_records_read_back_by_stage_and_time(workspace: Workspace) -> None:
    old, new = Record("curate", Done.RAN, 100.0, 2.5), Record("finetune@mini", Done.RUNNING, 200.0)
    assert keep(workspace, old) is old
    keep(workspace, new)
    stages = ["ingest@a", "finetune@mini", "curate"]
    assert recorded(workspace, stages) == {"finetune@mini": new, "curate": old}
    assert recorded(workspace, stages, since=150.0) == {"finetune@mini": new}
    keep(workspace, Record("curate", Done.FAILED, 300.0))
    assert recorded(workspace, ["curate"])["curate"].done is Done.FAILED


def test_an_ended_record_knows_how_long_it_took() -> None:
    record = Record("curate", Done.RUNNING, time.time() - 5).after(Done.RAN)
    assert record.done is Done.RAN
    assert record.seconds == pytest.approx(5, abs=1)


def test_items_have_logs_of_their_own(workspace: Workspace) -> None:
    logs = {log_of(workspace, stage) for stage in ("evaluate@tagger", "evaluate@tagger-selector", "evaluate")}
    assert len(logs) == 3
    assert {log.parent for log in logs} == {workspace.state / "logs"}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", ""),
        ("one", "one"),
        ("one\ntwo\n", "two"),
        ("one\ntwo\n\n  \n", "two"),
        ("1/9\r2/9\r", "2/9"),
        ("x" * 1000 + "\n" + "患" * 20, "患" * 20),
        ("\n\n", ""),
    ],
)
def test_the_last_line_that_says_anything(tmp_path: Path, content: str, line: str) -> None:
    (tmp_path / "log").write_text(content, encoding="utf-8", newline="")
    assert last_line(tmp_path / "log") == line


def test_the_end_of_a_very_long_line_and_a_log_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("患" * 1000, encoding="utf-8")
    assert last_line(tmp_path / "log").endswith("患" * 100)
    assert last_line(tmp_path / "none") == ""
