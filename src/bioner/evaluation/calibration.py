"""Calibration: the threshold of a tagger with a selector, chosen on documents that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from bioner.documents import Document
from bioner.evaluation import bootstrap
from bioner.evaluation.bootstrap import Floats
from bioner.evaluation.counts import GOLD, PREDICTED, RIGHT, Ints
from bioner.evaluation.scores import Score

Aim = Literal["f1", "precision"]
Counts = Ints  # (documents, 3), the last axis indexed by GOLD, PREDICTED and RIGHT

GRID = tuple(round(0.05 * step, 2) for step in range(19))  # 0 to 0.9


def above(documents: Sequence[Document], threshold: float) -> list[Document]:
    """The documents with those of their spans that score at least the threshold."""
    return [d.with_spans(s for s in d.spans if s.score is not None and s.score >= threshold) for d in documents]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is left at a threshold: the counts of every document."""

    threshold: float
    counts: Counts

    @property
    def f1(self) -> float:
        """F1 over all documents; 0 where it is not defined."""
        return self.scores["f1"]

    @property
    def precision(self) -> float:
        """Precision over all documents; 0 where it is not defined."""
        return self.scores["precision"]

    @property
    def scores(self) -> dict[str, float]:
        """Precision, recall and F1 over all documents."""
        score = Score.of(self.counts.sum(axis=0).tolist())
        values = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
        return {name: bootstrap.round_off(value or 0.0) for name, value in values.items()}


def standard_error(one: Trial, other: Trial) -> float:
    """Standard error of the difference of two F1 on the same documents; infinite for a single document.

    The jackknife over documents (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 11): it needs no
    seed, and what both trials have in common cancels out.
    """
    documents = len(one.counts)
    if documents < 2:
        return inf
    left = [_f1(trial.counts.sum(axis=0) - trial.counts) for trial in (one, other)]
    differences = left[0] - left[1]
    return float(np.sqrt((documents - 1) * np.mean((differences - differences.mean()) ** 2)))


def choose_threshold(
    predicted: Sequence[Document],
    count: Callable[[Sequence[Document]], Counts],
    aim: Aim = "f1",
    caution: float = 0.0,
) -> tuple[Trial, Trial]:
    """The best threshold of `GRID` for an aim, and beside it the one that keeps all spans.

    `f1` takes the highest F1, of several the threshold next to a half. With caution it takes the lowest threshold whose
    F1 is at most `caution` standard errors (of the difference) below that: the rule of Breiman et al. (Classification
    and Regression Trees, 1984), by which a flat curve keeps all spans. `precision` takes the highest precision among
    the thresholds whose F1 is not below that of all spans; with caution, is above it by so many standard errors.

    Args:
        predicted: the documents with all spans and their scores.
        count: the counts of documents with some of these spans.
    """
    trials = [Trial(value, count(above(predicted, value))) for value in GRID]
    chosen = _highest_f1(trials, caution) if aim == "f1" else _highest_precision(trials, caution)
    return chosen, trials[0]


def _highest_f1(trials: Sequence[Trial], caution: float) -> Trial:
    best = max(trials, key=lambda trial: (trial.f1, -abs(trial.threshold - 0.5)))
    if not caution:
        return best
    return next(trial for trial in trials if best.f1 - trial.f1 <= _margin(best, trial, caution))


def _highest_precision(trials: Sequence[Trial], caution: float) -> Trial:
    whole = trials[0]
    safe = [trial for trial in trials[1:] if trial.f1 - whole.f1 >= _margin(trial, whole, caution)]
    return max((whole, *safe), key=lambda trial: (trial.precision, -trial.threshold))


def _margin(one: Trial, other: Trial, caution: float) -> float:
    return caution * standard_error(one, other) if caution else 0.0


def _f1(counts: Counts) -> Floats:
    """F1 of counts, shape (rows, 3); 0 where it is not defined."""
    total = counts[:, GOLD] + counts[:, PREDICTED]
    return np.nan_to_num(bootstrap.f1(counts[:, RIGHT].astype(np.float64), total.astype(np.float64)), nan=0.0)
