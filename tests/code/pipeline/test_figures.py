"""The short line of figures of a stage, from its metrics file."""

from __future__ import annotations

from pathlib import Path

from bioner.files import write_json
from bioner.pipeline.figures import key_figures


def test_the_summary_is_shown_in_a_line(tmp_path: Path) -> None:
    write_json(tmp_path / "metrics/validate.json", {"summary": {"rows": 812, "kept": "all"}, "reasons": {}})
    write_json(tmp_path / "metrics/evaluate/tagger.json", {"summary": {"strict F1": 0.71239}})
    assert key_figures(tmp_path, "validate") == "kept all, rows 812"
    assert key_figures(tmp_path, "evaluate@tagger") == "strict F1 0.712"


def test_a_stage_without_metrics_or_summary_has_no_figures(tmp_path: Path) -> None:
    write_json(tmp_path / "metrics/curate.json", {"kept": 5})
    assert key_figures(tmp_path, "curate") == key_figures(tmp_path, "teacher") == ""
