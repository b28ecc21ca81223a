"""Trainings come in the order of the pipeline, with or without a curve."""

from __future__ import annotations

import math

from bioner.report.figures import Figures
from bioner.report.trainings import trainings


def test_curves_and_figures_meet_in_the_order_of_the_pipeline() -> None:
    curves = {"finetune-mini": [(0.0, 1.0)], "other": [(0.0, 2.0)], "tagger": [(0.0, 3.0)]}
    stages = {"finetune/mini": Figures({"threshold": 0.5}), "selector": Figures(), "curate": Figures({"kept": 1})}
    found = trainings(curves, stages)
    assert [training.name for training in found] == ["tagger", "selector", "finetune-mini", "other"]
    assert [bool(training.points) for training in found] == [True, False, True, True]
    assert found[2].figures == stages["finetune/mini"] and found[0].figures is None


def test_losses_that_are_not_finite_are_counted_and_left_out() -> None:
    (training,) = trainings({"tagger": [(0.0, 1.0), (1.0, math.nan), (2.0, math.inf)]}, {})
    assert training.points == ((0.0, 1.0),) and training.undefined == 2
