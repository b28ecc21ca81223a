"""The short line of figures of a stage, from its metrics file."""

from __future__ import annotations

from pathlib import Path

from bioner.files import write_json
from bioner.pipeline.figures import key_figures


def test_the_chosen_figures_are_shown_in_a_line(tmp_path: Path) -> None:
    write_json(tmp_path / "metrics/validate.json", {"accepted": 812, "quarantined": 0, "reasons": {}})
    write_json(tmp_path / "metrics/selector.json", {"dev_strict": {"selected": {"f1": 0.71239}}})
    assert key_figures(tmp_path, "validate") == "accepted 812, quarantined 0"
    assert key_figures(tmp_path, "selector") == "dev strict F1 0.712"


def test_a_stage_without_metrics_or_chosen_figures_has_none(tmp_path: Path) -> None:
    write_json(tmp_path / "metrics/report.json", {"kept": 5})
    assert key_figures(tmp_path, "curate") == key_figures(tmp_path, "report") == ""
