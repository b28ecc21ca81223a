"""The status of a record cache: how far its teacher is, what it gave, what that took; from the file alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bioner.config.teacher import Prices
from bioner.errors import DataError
from bioner.processes import alive
from bioner.teacher.budget import Spent
from bioner.teacher.cache_file import cache_error

_RECORDS = "SELECT count(*), coalesce(sum(spans > 0), 0), coalesce(sum(spans), 0) FROM records WHERE failure IS NULL"
_FAILED = "SELECT failure, count(*) FROM records WHERE failure IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
_MISMATCHES = (
    "SELECT said.key, sum(said.value) FROM records, json_each(annotation, '$.mismatches') AS said "
    "WHERE failure IS NULL GROUP BY 1 ORDER BY 2 DESC, 1"
)
_RUN = (
    "SELECT owner, began, last, ended, wanted, found, stored, prompt_price, completion_price "
    "FROM runs ORDER BY id DESC LIMIT 1"
)
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Progress:
    """The last run.

    Attributes:
        running: whether it is under way, on this machine.
        wanted: texts that it was to have annotated.
        done: those of them that are gone through, by this run or by earlier ones.
        began: when, in seconds since 1970.
        seconds: from then to the last answer.
        per_second: texts that it went through in a second.
        seconds_left: at this speed; `None` if it does not run or has not begun to store.
    """

    running: bool
    wanted: int
    done: int
    began: float
    seconds: float
    per_second: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Status:
    """What a cache holds.

    Attributes:
        file: the cache.
        teacher: what the file says of its teacher.
        annotated: texts with an annotation.
        with_spans: those of them in which something was found.
        spans: how many were found.
        failed: texts without an annotation, by reason.
        mismatches: what was wrong with answers that were taken, by reason.
        spent: what all answers took.
        cost: in the currency of the prices; `None` without prices.
        progress: the last run; `None` if there was none.
    """

    file: Path
    teacher: Mapping[str, Any]
    annotated: int
    with_spans: int
    spans: int
    failed: Mapping[str, int]
    mismatches: Mapping[str, int]
    spent: Spent
    cost: float | None
    progress: Progress | None

    @property
    def yielded(self) -> float | None:
        """The share of the annotated texts in which something was found."""
        return self.with_spans / self.annotated if self.annotated else None

    def to_record(self) -> dict[str, Any]:
        """The status as a JSON object."""
        return asdict(self) | {"file": str(self.file), "yield": self.yielded}


def latest(folder: Path) -> Path | None:
    """The cache of a folder that was written to last; `None` if there is none."""
    return max(folder.glob("*.sqlite"), key=lambda file: file.stat().st_mtime, default=None)


def read_status(path: Path) -> Status:
    """Read a cache, also while it is filled.

    Raises:
        DataError: there is none, or it cannot be read.
    """
    if not path.is_file():
        raise DataError("there is no cache of annotations", where=str(path), mend="let a teacher annotate: bioner run")
    try:
        # not read-only: what a kill cut off is undone by the first that reads
        with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
            return _read(path, connection)
    except sqlite3.Error as error:
        raise cache_error(path, error) from error


def _read(path: Path, connection: sqlite3.Connection) -> Status:
    def row(query: str) -> Any:
        return connection.execute(query).fetchone()

    connection.execute("BEGIN")  # so that all figures are of one moment; ends with the connection
    spent = Spent(*row("SELECT replies, prompt_tokens, completion_tokens FROM spent"))
    annotated, with_spans, spans = row(_RECORDS)
    last = row(_RUN)
    return Status(
        file=path,
        teacher=json.loads(row("SELECT record FROM teacher")[0]),
        annotated=annotated,
        with_spans=with_spans,
        spans=spans,
        failed=dict(connection.execute(_FAILED).fetchall()),
        mismatches=dict(connection.execute(_MISMATCHES).fetchall()),
        spent=spent,
        cost=_cost(spent, *last[-2:]) if last else None,
        progress=_progress(last[:-2]) if last else None,
    )


def _cost(spent: Spent, prompt: float | None, completion: float | None) -> float | None:
    if prompt is None or completion is None:
        return None
    return spent.money(Prices(prompt=prompt, completion=completion))


def _progress(row: tuple[Any, ...]) -> Progress:
    owner, began, last, ended, wanted, found, stored = row
    running = ended is None and alive(owner)
    done = min(found + stored, wanted)
    speed = stored / max(last - began, 1e-9)
    left = (wanted - done) / speed if running and stored else None
    return Progress(running, wanted, done, began, last - began, speed, left)
