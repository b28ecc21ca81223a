"""The figures of the teacher of a workspace, from its record cache: queue, speed, yield, rejects, tokens and cost."""

from __future__ import annotations

import time
from pathlib import Path

from bioner.pipeline.workspace import Workspace
from bioner.stages import layout
from bioner.teacher.cache_status import Status, latest, read_status
from bioner.watching.families import Sheet

_REST = 20.0  # a cache that took a second to read is left alone for so many: whoever writes it waits for readers


class Teachers:
    """Reads record caches, those of millions of texts less often."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[float, Status]] = {}

    def read(self, workspace: Workspace, name: str, sheet: Sheet) -> None:
        """Put in what the cache says that was written to last, and how many shards are left.

        Args:
            name: of the workspace.

        Raises:
            DataError: the cache cannot be read.
        """
        sheet.put("bioner_shards_left", len(list((workspace.state / "shards").glob("*/*.jsonl"))), name)
        file = latest(workspace.root / layout.RECORDS)
        if file is not None:
            _tell(self._status(file), name, sheet)

    def _status(self, file: Path) -> Status:
        now = time.monotonic()
        if file not in self._known or self._known[file][0] <= now:
            status = read_status(file)
            took = time.monotonic() - now
            self._known[file] = now + took + _REST * took, status
        return self._known[file][1]


def _tell(status: Status, name: str, sheet: Sheet) -> None:
    labels = name, str(status.teacher.get("model", "")), status.file.stem
    figures: dict[str, float | None] = {
        "annotated_texts": status.annotated,
        "yield_ratio": status.yielded,
        "spans": status.spans,
        "replies": status.spent.replies,
        "prompt_tokens": status.spent.prompt_tokens,
        "completion_tokens": status.spent.completion_tokens,
        "cost": status.cost,
    }
    if run := status.progress:
        figures |= {
            "running": run.running,
            "texts": run.wanted,
            "texts_left": run.wanted - run.done,
            "texts_per_second": run.per_second,
            "left_seconds": run.seconds_left,
        }
    for figure, value in figures.items():
        if value is not None:
            sheet.put(f"bioner_teacher_{figure}", value, *labels)
    for figure, reasons in (("rejected_texts", status.failed), ("mismatches", status.mismatches)):
        for reason, times in reasons.items():
            sheet.put(f"bioner_teacher_{figure}", times, *labels, reason)
