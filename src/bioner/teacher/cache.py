"""The cache of annotations: what was paid for once is kept, whole, through a kill at any moment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bioner.documents import Span
from bioner.errors import DataError

_TABLE = "CREATE TABLE IF NOT EXISTS chunks (key TEXT PRIMARY KEY, annotations TEXT NOT NULL) WITHOUT ROWID"


class AnnotationCache:
    """Chunks of annotated texts by key, each written in a transaction of its own: there whole, or not at all.

    SQLite with its default rollback journal: a write that was cut off by `kill -9`, a full disk or a power failure
    is undone when the file is opened next. Scores come back exactly as they went in.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> list[tuple[Span, ...]] | None:
        """The spans of each text of a chunk, if it was stored."""
        found = self._connection.execute("SELECT annotations FROM chunks WHERE key = ?", (key,)).fetchone()
        return None if found is None else [tuple(_span(item) for item in spans) for spans in json.loads(found[0])]

    def put(self, key: str, annotations: Sequence[Sequence[Span]]) -> None:
        """Store the spans of each text of a chunk; on return they are on disk."""
        value = json.dumps([[_item(span) for span in spans] for spans in annotations], ensure_ascii=False)
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO chunks VALUES (?, ?)", (key, value))

    def __len__(self) -> int:
        count: int = self._connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
        return count


@contextmanager
def open_cache(path: Path) -> Iterator[AnnotationCache]:
    """Open the cache in a file, or create it.

    Raises:
        DataError: the file is not a cache, is damaged, or cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(_TABLE)
            yield AnnotationCache(connection)
    except sqlite3.Error as error:
        mend = "make room on the disk, or delete the file: its texts are then annotated again"
        raise DataError(f"the cache of annotations cannot be used: {error}", where=str(path), mend=mend) from error


def _item(span: Span) -> list[Any]:
    return [span.fragments, span.label, span.score]


def _span(item: list[Any]) -> Span:
    fragments, label, score = item
    return Span(tuple((start, end) for start, end in fragments), label, score)
