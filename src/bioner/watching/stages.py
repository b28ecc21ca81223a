"""The figures of the stages of a workspace: what they do, what they did last, and what came of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bioner.pipeline.figures import figures_of, metrics_of
from bioner.pipeline.record import Done, Record, last_line, log_of, read_record, record_files
from bioner.pipeline.workspace import Workspace
from bioner.progress import Pace
from bioner.watching.families import Sheet
from bioner.watching.guard import Guard

_REASONS = {"distill": "failed", "validate": "reasons"}  # stage -> where its metrics count documents by reason


def read(workspace: Workspace, name: str, sheet: Sheet, guard: Guard) -> None:
    """Put in what is known of every stage that was ever submitted.

    Args:
        name: of the workspace.
    """
    for file in record_files(workspace):
        with guard.reading("stages", str(file)):
            record = read_record(file)
            _submission(record, name, sheet)
            if record.done is Done.RUNNING:
                _progress(record, name, log_of(workspace, record.stage), sheet)
            with guard.reading("results", f"{workspace.root}: metrics of {record.stage}"):
                _result(record.stage, name, metrics_of(workspace.root, record.stage), sheet)


def _submission(record: Record, name: str, sheet: Sheet) -> None:
    labels = name, record.stage
    sheet.put("bioner_stage_running", record.done is Done.RUNNING, *labels)
    sheet.put("bioner_stage_failed", record.done is Done.FAILED, *labels)
    sheet.put("bioner_stage_submitted_timestamp_seconds", record.began, *labels)
    if record.succeeded:
        sheet.put("bioner_stage_succeeded_timestamp_seconds", record.succeeded, *labels)
    if record.took:
        sheet.put("bioner_stage_run_seconds", record.took, *labels)


def _progress(record: Record, name: str, log: Path, sheet: Sheet) -> None:
    """How far a stage is, from the last line of its log; it may say something else there."""
    spoke = log.stat().st_mtime if log.is_file() else record.began
    sheet.put("bioner_stage_silent_seconds", max(time.time() - spoke, 0.0), name, record.stage)
    if pace := Pace.read(last_line(log)):
        labels = name, record.stage, pace.what
        sheet.put("bioner_stage_items", pace.total, *labels)
        sheet.put("bioner_stage_items_left", pace.total - pace.done, *labels)
        sheet.put("bioner_stage_items_per_second", pace.per_second, *labels)
        sheet.put("bioner_stage_left_seconds", pace.seconds_left, *labels)


def _result(stage: str, name: str, metrics: Any, sheet: Sheet) -> None:
    for figure, value in figures_of(stage, metrics).items():
        sheet.put("bioner_stage_figure", float(value), name, stage, figure)
    reasons = metrics.get(_REASONS.get(stage.partition("@")[0], ""), {})
    for reason, times in reasons.items():
        sheet.put("bioner_rejected_documents", float(times), name, stage, reason)
