"""What each stage of a workspace does or did last: small files that any process may read while a run writes."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from bioner.events import event
from bioner.files import read_json, write_json
from bioner.pipeline.workspace import Workspace

_TAIL = 400  # bytes of a log that hold its last line


class Done(StrEnum):
    """What became of a stage."""

    RUNNING = "running"
    RAN = "ran"
    RESTORED = "restored"  # DVC had the result of an earlier run with the same inputs
    CACHED = "cached"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Record:
    """The last submission of one stage; times are seconds since the epoch.

    Attributes:
        began: when it was submitted.
        seconds: from then to its end.
        succeeded: when one ended well, this or an earlier one; 0 if none did.
        took: seconds of the last one for which the stage ran to its end; 0 if there was none.
    """

    stage: str
    done: Done
    began: float
    seconds: float = 0.0
    succeeded: float = 0.0
    took: float = 0.0

    def after(self, done: Done) -> Record:
        """The same submission, ended now."""
        now = time.time()
        seconds = now - self.began
        succeeded = self.succeeded if done is Done.FAILED else now
        return Record(self.stage, done, self.began, seconds, succeeded, seconds if done is Done.RAN else self.took)


def log_of(workspace: Workspace, stage: str) -> Path:
    """The log of the last submission of a stage."""
    return workspace.state / "logs" / f"{_name(stage)}.log"


def begin(workspace: Workspace, stage: str) -> Record:
    """Write that a stage is submitted now; what is known of earlier submissions stays."""
    record = Record(stage, Done.RUNNING, time.time())
    try:
        before = read_record(_file(workspace, stage))
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # a damaged note of the past stops no run
        return keep(workspace, record)
    return keep(workspace, replace(record, succeeded=before.succeeded, took=before.took))


def keep(workspace: Workspace, record: Record) -> Record:
    """Write a record, tell the structured log, and return it."""
    write_json(_file(workspace, record.stage), asdict(record))
    stage, _, item = record.stage.partition("@")
    fields = {"stage": stage, "item": item or None, "workspace": str(workspace.root), "done": record.done.value}
    level = logging.ERROR if record.done is Done.FAILED else logging.INFO
    event("submission", f"{record.stage}: {record.done}", level, **fields, seconds=round(record.seconds, 3))
    return record


def recorded(workspace: Workspace, stages: Sequence[str], since: float = 0.0) -> dict[str, Record]:
    """The records of those of the stages that were submitted at or after a time."""
    found = {}
    for stage in stages:
        file = _file(workspace, stage)
        if file.is_file():
            record = read_record(file)
            if record.began >= since:
                found[stage] = record
    return found


def record_files(workspace: Workspace) -> list[Path]:
    """The files of all records of a workspace."""
    return sorted((workspace.state / "status").glob("*.json"))


def read_record(file: Path) -> Record:
    """One record; an older version of this code wrote fewer figures."""
    value = read_json(file)
    return Record(**{**value, "done": Done(value["done"])})


def last_line(log: Path) -> str:
    """The last line of a log that is being written and says anything; empty if there is none yet."""
    if not log.is_file():
        return ""
    with log.open("rb") as source:
        source.seek(max(0, log.stat().st_size - _TAIL))
        lines = source.read().decode("utf-8", "replace").splitlines()
    return next((line for line in reversed(lines) if line.strip()), "")


def _file(workspace: Workspace, stage: str) -> Path:
    return workspace.state / "status" / f"{_name(stage)}.json"


def _name(stage: str) -> str:
    return stage.replace("@", "-")
