"""Calibration: the threshold of a tagger with a selector, chosen on documents that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bioner.documents import Document

Aim = Literal["f1", "precision"]
Counts = NDArray[np.int64]  # (documents, 3): gold spans, predicted ones, right ones

GRID = tuple(round(0.05 * step, 2) for step in range(19))  # 0 to 0.9
_DIGITS = 6


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
        return round(float(_f1(self.counts.sum(axis=0))), _DIGITS)

    @property
    def precision(self) -> float:
        """Precision over all documents; 0 where it is not defined."""
        _, predicted, right = self.counts.sum(axis=0)
        return round(float(right / max(1, predicted)), _DIGITS)

    @property
    def scores(self) -> dict[str, float]:
        """Precision, recall and F1 over all documents."""
        gold, _, right = self.counts.sum(axis=0)
        recall = round(float(right / max(1, gold)), _DIGITS)
        return {"precision": self.precision, "recall": recall, "f1": self.f1}


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


def _f1(counts: Counts) -> NDArray[np.float64]:
    """F1 of counts (..., 3)."""
    scores: NDArray[np.float64] = 2.0 * counts[..., 2] / np.maximum(1, counts[..., 0] + counts[..., 1])
    return scores
