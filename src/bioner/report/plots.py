"""Plots: the figures of the page as tables, which `dvc plots` draws and a tracked run keeps."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bioner.evaluation.analysis import Analysis
from bioner.evaluation.bootstrap import round_off
from bioner.files import atomic_directory
from bioner.report.error_tables import MISSED, SPURIOUS

_Row = Sequence[str | int | float | None]


def write_plots(folder: Path, analyses: Mapping[str, Analysis]) -> None:
    """Write `KIND/MODEL.csv` for each kind of plot and each model, in place of what the folder holds.

    `confusion` has a line a pair of gold mention and prediction, since DVC's template counts them itself; `boundaries`
    a line an end; `thresholds` and `calibration` a line a point. A table without a line is left out, and none holds
    words of a text.
    """
    with atomic_directory(folder) as aside:
        for model, analysis in analyses.items():
            _write(aside / "confusion" / f"{model}.csv", ("gold", "predicted"), _confusion(analysis))
            _write(aside / "boundaries" / f"{model}.csv", ("end", "words"), _boundaries(analysis))
            _write(aside / "thresholds" / f"{model}.csv", _THRESHOLDS, _thresholds(analysis))
            _write(aside / "calibration" / f"{model}.csv", _CALIBRATION, _calibration(analysis))


_THRESHOLDS = ("threshold", "precision", "recall", "f1", "predicted")
_CALIBRATION = ("score", "right", "predicted")


def _confusion(analysis: Analysis) -> Iterable[_Row]:
    pairs = {(gold or SPURIOUS, predicted or MISSED): count for (gold, predicted), count in analysis.confusion.items()}
    return ((gold, predicted) for (gold, predicted), count in sorted(pairs.items()) for _ in range(count))


def _boundaries(analysis: Analysis) -> Iterable[_Row]:
    return sorted((one.shift, one.words) for one in analysis.boundaries)


def _thresholds(analysis: Analysis) -> Iterable[_Row]:
    for point in analysis.curve:
        score = point.score
        yield point.threshold, *map(_rounded, (score.precision, score.recall, score.f1)), score.predicted


def _calibration(analysis: Analysis) -> Iterable[_Row]:
    bins = analysis.reliability.bins if analysis.reliability else ()
    return ((round_off(one.score), round_off(one.rate), one.predicted) for one in bins)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round_off(value)


def _write(path: Path, header: Sequence[str], found: Iterable[_Row]) -> None:
    rows = list(found)
    if not rows:  # DVC cannot read a table without one
        return
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
