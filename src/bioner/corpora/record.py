"""Checked JSON values of records."""

from __future__ import annotations

import json
import math
from typing import Any

from bioner.errors import DataError


def parse_json(text: str, where: str) -> Any:
    """Parse a JSON value.

    Raises:
        DataError: it is not JSON, or holds half a surrogate pair, or a number without a finite value.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
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


def strings(record: Any, key: str, where: str) -> list[str]:
    """The value of a key of a JSON object, a list of strings.

    Raises:
        DataError: the record is no object, or the key is missing or holds something else.
    """
    values: list[str] = typed(record, key, list, where)
    if not all(isinstance(value, str) for value in values):
        what = f"the list {key!r} holds a value that is not a string"
        raise DataError(what, where=where, mend="correct or remove this record")
    return values


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{digits} is too large a number")
    return value
