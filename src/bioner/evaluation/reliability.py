"""Reliability: whether predictions with a score of 0.8 are right eight times in ten, bin by bin and in one figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioner.evaluation.bootstrap import Interval, round_off
from bioner.evaluation.scored import ScoredPredictions

_BINS = 10  # of equal width, from 0 to 1
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Bin:
    """The predictions whose score lies in a range.

    Attributes:
        low: where the range begins.
        high: where it ends; only the last one holds its end.
        predicted: how many predictions.
        right: how many of them are right.
        score: the mean of their scores.
    """

    low: float
    high: float
    predicted: int
    right: int
    score: float

    @property
    def rate(self) -> float:
        """The share that is right."""
        return self.right / self.predicted

    def interval(self) -> Interval:
        """The Wilson score interval of the rate at 95 %.

        It takes predictions for independent draws. Those of one document are alike, so that it is somewhat too narrow.
        """
        from scipy.stats import binomtest

        found = binomtest(self.right, self.predicted).proportion_ci(_CONFIDENCE, method="wilson")
        return round_off(found.low), round_off(found.high)


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins that hold a prediction, ascending, and the expected calibration error.

    The error is the mean distance of rate and score over the bins, weighted by their predictions (Naeini, Cooper and
    Hauskrecht, AAAI 2015; Guo et al., ICML 2017).
    """

    bins: tuple[Bin, ...]
    error: float


def reliability(predictions: ScoredPredictions) -> Reliability:
    """Hold the scores of predictions against how often they are right."""
    places = np.minimum((predictions.scores * _BINS).astype(np.int64), _BINS - 1)
    bins = []
    for place in np.unique(places):
        inside = places == place
        right, score = int(predictions.right[inside].sum()), float(predictions.scores[inside].mean())
        bins.append(Bin(place / _BINS, (place + 1) / _BINS, int(inside.sum()), right, score))
    error = sum(one.predicted * abs(one.rate - one.score) for one in bins) / len(predictions.scores)
    return Reliability(tuple(bins), round_off(error))
