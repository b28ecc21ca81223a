"""Plots: tables of the figures of the page, one a kind and model, without a word of any text."""

from __future__ import annotations

import csv
from pathlib import Path

from bioner.documents import Document, Span
from bioner.evaluation.analysis import Analysis, analyse
from bioner.files import hash_tree
from bioner.report.confidence import confidence
from bioner.report.plots import write_plots

GOLD = [Document("ward/1", "severe chest pain", "en", (Span.of(7, 17, "symptom"), Span.of(7, 12, "anatomy")))]
FOUND = [GOLD[0].with_spans([Span.of(0, 17, "symptom", 0.42), Span.of(7, 12, "anatomy", 0.8)])]


def table(folder: Path, kind: str) -> list[dict[str, str]]:
    with (folder / kind / "mini.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def made(folder: Path) -> Analysis:
    analysis = analyse(GOLD, FOUND)
    write_plots(folder, {"mini": analysis})
    return analysis


def test_tables_hold_the_figures_of_the_analysis(tmp_path: Path) -> None:
    analysis = made(tmp_path / "plots")
    assert table(tmp_path / "plots", "confusion") == [
        {"gold": "anatomy", "predicted": "anatomy"},
        {"gold": "symptom", "predicted": "symptom"},
    ]
    assert table(tmp_path / "plots", "boundaries") == [{"end": "left, too long", "words": "1"}]
    thresholds = table(tmp_path / "plots", "thresholds")
    assert len(thresholds) == len(analysis.curve)
    assert thresholds[0] == {"threshold": "0.42", "precision": "0.5", "recall": "0.5", "f1": "0.5", "predicted": "2"}
    assert table(tmp_path / "plots", "calibration") == [
        {"score": "0.42", "right": "0.0", "predicted": "1"},
        {"score": "0.8", "right": "1.0", "predicted": "1"},
    ]


def test_same_analysis_gives_the_same_bytes_and_models_of_before_are_gone(tmp_path: Path) -> None:
    write_plots(tmp_path / "plots", {"old": analyse(GOLD, FOUND), "mini": analyse(GOLD, FOUND)})
    made(tmp_path / "plots")
    first = hash_tree(tmp_path / "plots")
    assert not list((tmp_path / "plots").rglob("old.csv"))
    made(tmp_path / "plots")
    assert hash_tree(tmp_path / "plots") == first


def test_page_shows_the_first_threshold_and_each_tenth() -> None:
    found = confidence(analyse(GOLD, FOUND))
    assert found is not None
    assert [point.threshold for point in found.rows] == [0.42, 0.5, 0.6, 0.7, 0.8]
    assert (found.lowest, found.best.threshold, found.best.score.f1) == (0.42, 0.43, 2 / 3)
    assert found.series["precision"][0] == (0.42, 0.5) and found.series["precision"][-1] == (0.8, 1.0)
    assert confidence(analyse(GOLD, GOLD)) is None
