"""The one or two figures of each stage that a person wants to see at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioner.files import read_json
from bioner.stages import layout


def key_figures(root: Path, stage: str) -> str:
    """A short line from the metrics file of a stage; empty if it has none."""
    name, _, item = stage.partition("@")
    file = root / layout.metrics(name, item or None)
    if not file.is_file():
        return ""
    figures: Mapping[str, Any] = read_json(file).get("summary", {})
    return ", ".join(f"{key} {_shown(value)}" for key, value in figures.items())


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
