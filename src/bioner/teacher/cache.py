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
from bioner.teacher.annotation import Annotation
from bioner.teacher.budget import Spent

_TABLES = (
    "CREATE TABLE IF NOT EXISTS chunks (key TEXT PRIMARY KEY, annotations TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS spent "
    "(id INTEGER PRIMARY KEY CHECK (id = 1), replies INTEGER, prompt_tokens INTEGER, completion_tokens INTEGER)",
)


class AnnotationCache:
    """Chunks of annotated texts by key, each written in a transaction of its own: there whole, or not at all.

    SQLite with its default rollback journal: a write that was cut off by `kill -9`, a full disk or a power failure
    is undone when the file is opened next. Scores come back exactly as they went in.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> list[Annotation] | None:
        """What was said of each text of a chunk, failures included, if it was stored."""
        found = self._connection.execute("SELECT annotations FROM chunks WHERE key = ?", (key,)).fetchone()
        return None if found is None else [_annotation(item) for item in json.loads(found[0])]

    def put(self, key: str, annotations: Sequence[Annotation], spent: Spent | None = None) -> None:
        """Store what was said of each text of a chunk; on return it is on disk.

        Args:
            spent: what all answers took so far, for a teacher that is paid for.
        """
        value = json.dumps([_item(annotation) for annotation in annotations], ensure_ascii=False)
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO chunks VALUES (?, ?)", (key, value))
            if spent is not None:
                row = (spent.replies, spent.prompt_tokens, spent.completion_tokens)
                self._connection.execute("INSERT OR REPLACE INTO spent VALUES (1, ?, ?, ?)", row)

    def spent(self) -> Spent:
        """What all answers took so far."""
        found = self._connection.execute("SELECT replies, prompt_tokens, completion_tokens FROM spent").fetchone()
        return Spent(*found) if found else Spent()

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
            for table in _TABLES:
                connection.execute(table)
            yield AnnotationCache(connection)
    except sqlite3.Error as error:
        mend = "make room on the disk, or delete the file: its texts are then annotated again"
        raise DataError(f"the cache of annotations cannot be used: {error}", where=str(path), mend=mend) from error


def _item(annotation: Annotation) -> Any:
    """A list of spans; an object where there is more to say."""
    if annotation.failure is not None:
        return {"failure": annotation.failure}
    spans = [[span.fragments, span.label, span.score] for span in annotation.spans]
    return {"spans": spans, "mismatches": dict(annotation.mismatches)} if annotation.mismatches else spans


def _annotation(item: Any) -> Annotation:
    if isinstance(item, list):
        return Annotation(tuple(map(_span, item)))
    if "failure" in item:
        return Annotation(failure=item["failure"])
    return Annotation(tuple(map(_span, item["spans"])), item["mismatches"])


def _span(item: list[Any]) -> Span:
    fragments, label, score = item
    return Span(tuple((start, end) for start, end in fragments), label, score)
