"""Confidence: the scores of a model's predictions as a page shows them, over a threshold and against being right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioner.evaluation.analysis import Analysis
from bioner.evaluation.reliability import Reliability
from bioner.evaluation.threshold_curve import ThresholdPoint
from bioner.report.charts import Point


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far the scores of a model can be trusted.

    Attributes:
        series: precision, recall and F1 -> `(threshold, value)`, where defined.
        lowest: the threshold at which the curve begins: lower scores were not kept.
        best: the point with the highest F1.
        rows: the points to show as a table: the first one, and then each tenth.
        reliability: scores against how often they are right.
    """

    series: Mapping[str, Sequence[Point]]
    lowest: float
    best: ThresholdPoint
    rows: Sequence[ThresholdPoint]
    reliability: Reliability


def confidence(analysis: Analysis) -> Confidence | None:
    """What the scores of a model say; `None` if its predictions have none."""
    curve = analysis.curve
    if not curve or analysis.reliability is None:
        return None
    values = {
        "precision": [(point.threshold, point.score.precision) for point in curve],
        "recall": [(point.threshold, point.score.recall) for point in curve],
        "F1": [(point.threshold, point.score.f1) for point in curve],
    }
    return Confidence(
        series={name: [(x, y) for x, y in line if y is not None] for name, line in values.items()},
        lowest=curve[0].threshold,
        best=max(curve, key=lambda point: (point.score.f1 or 0.0, -point.threshold)),
        rows=[point for place, point in enumerate(curve) if not place or not round(100 * point.threshold) % 10],
        reliability=analysis.reliability,
    )
