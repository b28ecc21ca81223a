"""The threshold curve: precision, recall and F1 if only predictions from some score upwards are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioner.evaluation.scored import ScoredPredictions
from bioner.evaluation.scores import Score

_STEPS = 100  # thresholds between 0 and 1


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """What is reached at a threshold, by the scheme `strict`; the score has no interval."""

    threshold: float
    score: Score


def threshold_curve(predictions: ScoredPredictions) -> list[ThresholdPoint]:
    """One point for each hundredth, from the lowest score that was kept to the highest.

    A tagger judges every span by itself; a GLiNER takes spans from the highest score downwards, and a span stands or
    falls by those above it. So what lies above a threshold is what the model would have predicted at it, and nothing
    has to be predicted again.
    """
    scores, right = predictions.scores, predictions.right
    from_here = np.concatenate([np.cumsum(right[::-1])[::-1], [0]])  # right ones from each place upwards
    first, last = int(scores[0] * _STEPS), int(scores[-1] * _STEPS)
    points = []
    for step in range(first, last + 1):
        place = int(np.searchsorted(scores, step / _STEPS, side="left"))
        counts = (predictions.gold, len(scores) - place, int(from_here[place]))
        points.append(ThresholdPoint(step / _STEPS, Score.of(counts)))
    return points
