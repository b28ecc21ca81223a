"""Names that the tracking store accepts, and nested params as flat ones."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any

_REFUSED = re.compile(r"[^\w\-. /]")
_LONGEST = 6000  # characters of a param's value that MLflow keeps


def metric_name(name: str) -> str:
    """The name as MLflow accepts it for a metric or param: `_` for odd characters, and for `/` in an odd path."""
    accepted = _REFUSED.sub("_", name)
    if accepted.startswith(("/", ".")) or posixpath.normpath(accepted) != accepted:
        accepted = "_" + accepted.replace("/", "_")
    return accepted


def flatten(value: Any, prefix: str = "") -> dict[str, str]:
    """A nested mapping as `a.b.c` -> text; lists and empty mappings as JSON, cut to what the store keeps."""
    if isinstance(value, Mapping) and value:
        pairs = (flatten(inner, f"{prefix}.{key}" if prefix else str(key)) for key, inner in value.items())
        return {name: text for part in pairs for name, text in part.items()}
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {metric_name(prefix): text[:_LONGEST]}
