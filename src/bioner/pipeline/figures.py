"""The one or two figures of each stage that a person wants to see at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioner.files import read_json
from bioner.stages import layout

# stage -> name shown -> where it stands in the metrics file of the stage
_FIGURES: Mapping[str, Mapping[str, str]] = {
    "ingest": {
        "train": "train.documents",
        "dev": "dev.documents",
        "test": "test.documents",
        "unlabelled": "unlabelled.documents",
    },
    "curate": {"kept": "kept", "of": "sentences"},
    "tagger": {"dev strict F1": "dev_strict.f1", "spans": "spans"},
    "selector": {"dev strict F1": "dev_strict.selected.f1", "without": "dev_strict.all spans.f1"},
    "distill": {"texts": "documents", "spans": "spans"},
    "validate": {"accepted": "accepted", "quarantined": "quarantined"},
    "pretrain": {"spans": "spans", "steps": "steps"},
    "finetune": {"dev strict F1": "dev_strict_f1", "threshold": "threshold"},
    "suite": {"documents": "documents", "mentions": "mentions"},
    "protocol": {"trials": "trials", "documents": "documents"},
    "evaluate": {"strict F1": "summary.strict F1", "overlap F1": "summary.overlap F1"},
}


def key_figures(root: Path, stage: str) -> str:
    """A short line from the metrics file of a stage; empty if it has none yet."""
    figures = figures_of(stage, metrics_of(root, stage))
    return ", ".join(f"{shown} {_shown(value)}" for shown, value in figures.items())


def metrics_of(root: Path, stage: str) -> Any:
    """The content of the metrics file of a stage; empty if it has none yet."""
    name, _, item = stage.partition("@")
    file = root / layout.metrics(name, item or None)
    return read_json(file) if file.is_file() else {}


def figures_of(stage: str, metrics: Any) -> dict[str, Any]:
    """Those of the metrics of a stage that a person wants to see, by the name that is shown."""
    places = _FIGURES.get(stage.partition("@")[0], {})
    found = {shown: _find(metrics, place) for shown, place in places.items()}
    return {shown: value for shown, value in found.items() if value is not None}


def _find(metrics: Any, place: str) -> Any:
    for key in place.split("."):
        if not isinstance(metrics, Mapping) or key not in metrics:
            return None
        metrics = metrics[key]
    return metrics


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
