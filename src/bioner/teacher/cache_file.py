"""The file of a record cache: whose it is, its transactions, the runs that fill it, and what may be wrong with it."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bioner.errors import DataError
from bioner.processes import mark
from bioner.teacher.cache_tables import BEGIN, NOTES, TABLES

_SHOWN = 60  # characters of a value that differs


def prepare(connection: sqlite3.Connection, teacher: Mapping[str, Any], path: Path) -> None:
    """Make the tables where they lack, and see that the file is this teacher's.

    Raises:
        DataError: it is another one's.
    """
    with transaction(connection):
        for table in TABLES:
            connection.execute(table)
        connection.execute("INSERT OR IGNORE INTO teacher VALUES (1, ?)", (json.dumps(teacher, sort_keys=True),))
        connection.execute("INSERT OR IGNORE INTO spent VALUES (1, 0, 0, 0)")
    connection.execute(NOTES)
    own = json.loads(connection.execute("SELECT record FROM teacher").fetchone()[0])
    differing = list(_differing(own, json.loads(json.dumps(teacher))))
    if differing:
        what = f"the cache is of a teacher that was asked in another way: {'; '.join(differing)}"
        raise DataError(what, where=str(path), mend="move the file away, or ask as before: answers are never mixed")


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Around writes that are made together or not at all."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it
            connection.execute("ROLLBACK")
        raise


class Run:
    """The row of one annotating: how much there was to do, and how far it is.

    Attributes:
        number: of the row.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.number: int | None = None

    def begin(self, wanted: int, found: int, prices: tuple[float, float] | None) -> None:
        """Begin a row; `prices` are those of a million tokens asked and answered."""
        now = time.time()
        row = (mark(os.getpid()), now, now, wanted, found, 0, *(prices or (None, None)))
        self.number = self._connection.execute(BEGIN, row).lastrowid

    def stored(self, number: int, now: float) -> None:
        """Count records, within the transaction that stores them."""
        update = "UPDATE runs SET stored = stored + ?, last = ? WHERE id = ?"
        self._connection.execute(update, (number, now, self.number))

    def end(self) -> None:
        """Note the end."""
        self._connection.execute("UPDATE runs SET ended = ? WHERE id = ?", (time.time(), self.number))


def cache_error(path: Path, error: sqlite3.Error) -> DataError:
    """What SQLite says about a file, as an error that can be mended."""
    kind = getattr(error, "sqlite_errorname", "")
    if kind.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
        mend = "make room on the disk, or see who may write there, then run again: what was answered is kept"
    elif kind.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        mend = "another process holds the file: end it, then run again"
    else:
        mend = "move the file away: its texts are then annotated again"
    return DataError(f"the cache of annotations cannot be used: {error}", where=str(path), mend=mend)


def _differing(own: Any, other: Any, name: str = "") -> Iterator[str]:
    """The values in which two records differ, by name."""
    if isinstance(own, dict) and isinstance(other, dict):
        for key in sorted(own.keys() | other.keys()):
            yield from _differing(own.get(key), other.get(key), f"{name}.{key}" if name else key)
    elif own != other:
        there, here = (json.dumps(value, ensure_ascii=False) for value in (own, other))
        long = max(len(there), len(here)) > _SHOWN and not name.endswith(("prompt", "code", "content"))
        yield name if long else f"{name} was {there[:_SHOWN]}, is {here[:_SHOWN]}"
