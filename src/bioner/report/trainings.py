"""The trainings of a run: the curve and the figures of each, in the order of the pipeline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioner.report.charts import Point
from bioner.report.figures import Figures

TRAINING = ("tagger", "selector", "pretrain", "finetune")  # the stages that train


@dataclass(frozen=True, slots=True)
class Training:
    """One training.

    Attributes:
        name: the stage, with the variant if it has one.
        points: `(step, loss)` where the loss is finite; empty if there is no curve.
        undefined: at how many steps the loss was not finite.
        figures: the other figures of its stage, if it left any.
    """

    name: str
    points: tuple[Point, ...]
    undefined: int
    figures: Figures | None


def trainings(curves: Mapping[str, Sequence[Point]], stages: Mapping[str, Figures]) -> list[Training]:
    """Every training that left a curve or figures.

    Args:
        curves: `stage` or `stage-variant` -> `(step, loss)`.
        stages: `stage` or `stage/item` -> figures, of all stages.
    """
    figures = {stage.replace("/", "-"): found for stage, found in stages.items()}
    names = set(curves) | {name for name in figures if _stage(name) in TRAINING}
    return [_training(name, curves.get(name, ()), figures.get(name)) for name in sorted(names, key=_place)]


def _training(name: str, curve: Sequence[Point], figures: Figures | None) -> Training:
    points = tuple((step, loss) for step, loss in curve if math.isfinite(loss))
    return Training(name, points, len(curve) - len(points), figures)


def _stage(name: str) -> str:
    return name.partition("-")[0]


def _place(name: str) -> tuple[int, str]:
    stage = _stage(name)
    return (TRAINING.index(stage) if stage in TRAINING else len(TRAINING)), name
