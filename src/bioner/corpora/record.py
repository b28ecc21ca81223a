"""What every reader needs to make a document of a record: its id, what it could not hold, and checked JSON values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bioner.documents import Document, Span
from bioner.errors import DataError

DROPPED = "dropped"  # key of `Document.meta`: reason -> how many annotations of the record could not be held


def line_id(path: Path, number: int) -> str:
    """The id of a record that has none of its own: the file and the line where it begins."""
    return f"{path.name}:{number}"


def make_document(
    identity: str,
    text: str,
    language: str,
    source: str,
    spans: Iterable[Span],
    *,
    where: str,
    dropped: Iterable[str] = (),
    meta: Mapping[str, Any] | None = None,
) -> Document:
    """A document whose invalid offsets are reported with their file and line.

    Args:
        where: the file and line of the record, for errors.
        dropped: the reason of each annotation that the data model cannot hold; counted in `meta["dropped"]`.
        meta: anything else that the record says.

    Raises:
        DataError: a span is empty, or lies outside the text.
    """
    counts = Counter(dropped)
    extra = dict(meta or {}) | ({DROPPED: dict(counts)} if counts else {})
    try:
        return Document(identity, text, language, tuple(spans), source, MappingProxyType(extra))
    except DataError as error:
        raise DataError(error.what, where=f"{where}, record {identity}", mend=error.mend) from error


def parse_json(text: str, where: str) -> Any:
    """Parse a JSON value.

    Raises:
        DataError: it is not JSON.
    """
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", where=where, mend="correct or remove this record") from error


def typed(record: Any, key: str, kind: type, where: str) -> Any:
    """The value of a key of a JSON object.

    Raises:
        DataError: the record is no object, or the key is missing or of another type.
    """
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        mend = f"every record needs {key!r} of type {kind.__name__}"
        raise DataError(f"the key {key!r} is missing or of the wrong type", where=where, mend=mend)
    return value
