"""Checked JSON values of records."""

from __future__ import annotations

import json
from typing import Any

from bioner.errors import DataError


def parse_json(text: str, where: str) -> Any:
    """Parse a JSON value.

    Raises:
        DataError: it is not JSON, or holds half a surrogate pair.
    """
    try:
        value = json.loads(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", where=where, mend="correct or remove this record") from error
    return value


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
