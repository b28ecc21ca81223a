"""Values of JSON and YAML: the same or not, whoever wrote them, and nested ones as flat ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SHOWN = 80  # characters of a value in a message


def alike(one: Any, other: Any, tolerance: float = 0.0) -> bool:
    """Whether two values are the same: `1e-3`, "0.001" and 0.001 are.

    Args:
        tolerance: how far numbers may be apart.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(alike(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(alike(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if one == other:
        return True
    if any(value is None or isinstance(value, bool) for value in (one, other)):
        return False
    try:
        return abs(float(one) - float(other)) <= tolerance
    except (TypeError, ValueError):
        return str(one) == str(other)


def value_at(values: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted key; `None` if there is none."""
    value: Any = values
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """A nested mapping with dotted keys."""
    if not isinstance(value, Mapping):
        return {prefix: value}
    pairs = (flat(inner, f"{prefix}.{key}" if prefix else str(key)) for key, inner in value.items())
    return {key: inner for part in pairs for key, inner in part.items()}


def mapping(text: str) -> dict[str, Any]:
    """A JSON object; empty for what is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def short(value: Any) -> str:
    """A value for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
