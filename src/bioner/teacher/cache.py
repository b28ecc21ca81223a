"""The record cache: what a teacher said of each text, one row a text; what was paid for once is kept through any kill.

One SQLite file a teacher, with the rollback journal: a write that `kill -9`, a full disk or a power failure cuts off is
undone when the file is opened next, and several processes may write at once, of several machines too (a write-ahead log
needs the memory of one). Everything is looked up on disk: memory does not grow with the records.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bioner.errors import DataError
from bioner.teacher.annotation import Annotation, Answer
from bioner.teacher.budget import Spent
from bioner.teacher.cache_file import Run, cache_error, prepare, transaction
from bioner.teacher.cache_rows import Record, to_row, unpack, unpack_answers
from bioner.teacher.cache_tables import (
    IS_SETTLED,
    MISMATCHES,
    OUTDATED,
    SETTLED,
    SPEND,
    STORE,
    UNDER_WAY,
    USABLE,
    WANTED,
)
from bioner.teacher.chunks import Key

_PATIENCE = 60.0  # seconds that a write waits for another process to end its own


class RecordCache:
    """The records of one teacher, and the texts that are asked for now; see `open_cache`."""

    def __init__(self, connection: sqlite3.Connection, reader: str) -> None:
        self._connection = connection
        self._reader = reader
        self._run = Run(connection)
        self._goes_on: float | None = None

    def ask(self, keys: Iterable[Key]) -> None:
        """Note which records are wanted: those that the figures below are about.

        If the last annotating was cut off, this goes on with it.
        """
        self._goes_on = self._connection.execute(UNDER_WAY).fetchone()[0]
        with transaction(self._connection, "DEFERRED"):  # touches this connection's own notes alone
            self._connection.execute("DELETE FROM asked")
            self._connection.executemany("INSERT OR IGNORE INTO asked (key) VALUES (?)", ((key,) for key in keys))

    def take(self, keys: Iterable[Key]) -> list[Key]:
        """Those of the wanted records that are not settled and were not taken before."""
        taken = []
        for key in keys:
            new = self._connection.execute("UPDATE asked SET taken = 1 WHERE key = ? AND NOT taken", (key,)).rowcount
            if new and not self._settled(key):
                taken.append(key)
        return taken

    def said(self, key: Key) -> Annotation:
        """What the teacher says of a text; a failure, too.

        Raises:
            KeyError: it was not asked.
        """
        found = self._connection.execute("SELECT failure, annotation FROM records WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise KeyError(key)
        return unpack(*found)

    def answers(self, key: Key) -> list[Answer]:
        """The answers that an annotation was read from; none where it failed."""
        query = "SELECT answers FROM records WHERE key = ? AND failure IS NULL"
        found = self._connection.execute(query, (key,)).fetchone()
        return unpack_answers(found[0]) if found else []

    def stale(self, key: Key) -> list[Answer]:
        """The answers of a record that was read by other code than the present one."""
        query = "SELECT answers FROM records WHERE key = ? AND failure IS NULL AND reader != ?"
        found = self._connection.execute(query, (key, self._reader)).fetchone()
        return unpack_answers(found[0]) if found else []

    def put(self, records: Iterable[Record], spent: Spent | None = None) -> None:
        """Store records, together or not at all; on return they are on disk.

        Args:
            spent: what answers took since the last time.
        """
        now = time.time()
        rows = [to_row(record, now, self._reader) for record in records]
        with transaction(self._connection):
            self._connection.executemany(STORE, rows)
            self._run.stored(len(rows), now)
            if spent is not None:
                self._connection.execute(SPEND, (spent.replies, spent.prompt_tokens, spent.completion_tokens))

    @contextmanager
    def run(self, prices: tuple[float, float] | None = None) -> Iterator[None]:
        """Around an annotating of the wanted records: for those who look at the file meanwhile."""
        self._run.begin(self.wanted, self.settled, prices)
        yield
        self._run.end()

    def close_run(self) -> None:
        """Note the end of an annotating that was cut off when nothing was left of it."""
        if self._goes_on is not None:
            with self.run():
                pass

    def join(self, run: int) -> None:
        """Count what is stored here towards an annotating that another process began (its `run_number`)."""
        self._run.number = run

    @property
    def run_number(self) -> int | None:
        """The number of the annotating that is under way."""
        return self._run.number

    @property
    def wanted(self) -> int:
        """How many records are wanted."""
        return self._number(WANTED)

    @property
    def usable(self) -> int:
        """How many of them have an annotation."""
        return self._number(USABLE, self._reader)

    @property
    def settled(self) -> int:
        """How many of them have an annotation, or failed in the annotating that goes on."""
        return self._number(SETTLED, self._reader, self._goes_on)

    @property
    def outdated(self) -> int:
        """How many of them have answers that were read by other code."""
        return self._number(OUTDATED, self._reader)

    def mismatches(self) -> dict[str, int]:
        """What was wrong with the answers of the wanted records, by reason."""
        return dict(self._connection.execute(MISMATCHES, (self._reader,)).fetchall())

    def spent(self) -> Spent:
        """What all answers took so far."""
        query = "SELECT replies, prompt_tokens, completion_tokens FROM spent"
        return Spent(*self._connection.execute(query).fetchone())

    def __len__(self) -> int:
        return self._number("SELECT count(*) FROM records")

    def _settled(self, key: Key) -> bool:
        return bool(self._number(IS_SETTLED, self._reader, self._goes_on, key))

    def _number(self, query: str, *values: object) -> int:
        number: int = self._connection.execute(query, values).fetchone()[0]
        return number


@contextmanager
def open_cache(path: Path, teacher: Mapping[str, Any], reader: str = "") -> Iterator[RecordCache]:
    """Open the cache in a file, or create it.

    Args:
        teacher: all that decides what a teacher is asked, or with a model of this machine what it says (JSON values).
        reader: hash of what turns answers into annotations, where answers are kept.

    Raises:
        DataError: the file is another teacher's, is no cache, is damaged, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder of the cache cannot be made: {error.strerror}"
        raise DataError(what, where=str(path), mend="make room on the disk, or see who may write there") from None
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
            prepare(connection, teacher, path)
            yield RecordCache(connection, reader)
    except sqlite3.Error as error:
        raise cache_error(path, error) from error
