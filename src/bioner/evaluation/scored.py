"""Scored predictions: how sure a model was of each one, and whether it is right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioner.evaluation.bootstrap import Floats
from bioner.evaluation.mentions import Case
from bioner.evaluation.schemes import strict


@dataclass(frozen=True, slots=True)
class ScoredPredictions:
    """All predictions of a model on some documents.

    Attributes:
        scores: of the predictions, ascending.
        right: which of them are right by the scheme `strict`.
        gold: how many mentions were expected.
    """

    scores: Floats
    right: NDArray[np.bool_]
    gold: int


def scored_predictions(documents: Iterable[Case]) -> ScoredPredictions | None:
    """The predictions of all documents; `None` if there is none, or one that has no score."""
    scores: list[float] = []
    right: list[bool] = []
    gold = 0
    for case in documents:
        answered = {j for _, j in strict(case)}
        gold += len(case.gold)
        for j, mention in enumerate(case.predicted):
            if mention.span.score is None:
                return None
            scores.append(mention.span.score)
            right.append(j in answered)
    if not scores:
        return None
    order = np.argsort(scores, kind="stable")
    return ScoredPredictions(np.array(scores)[order], np.array(right)[order], gold)
