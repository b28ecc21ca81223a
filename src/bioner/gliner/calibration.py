"""Calibration: the threshold of a model, chosen on documents that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bioner.documents import Document
from bioner.gliner.overlap import Overlap
from bioner.gliner.predictor import Scored

GRID = tuple(round(0.05 * step, 2) for step in range(2, 19))  # 0.10 to 0.90


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold and the F1 it reached where it was chosen; `f1` is `None` if that says nothing."""

    value: float
    f1: float | None


def choose_threshold(
    gold: Sequence[Document],
    scored: Sequence[Scored],
    overlap: Overlap,
    f1: Callable[[Sequence[Document], Sequence[Document]], float | None],
) -> Threshold:
    """The threshold of `GRID` with the highest F1; of several, the one in the middle of the scale.

    Args:
        gold: annotated documents.
        scored: the same documents with all spans that score at least the lowest threshold of the grid.
        overlap: what may stand together.
        f1: scores predictions against gold documents; `None` if nothing was expected or predicted.
    """
    results = [Threshold(value, f1(gold, [one.annotated(value, overlap) for one in scored])) for value in GRID]
    return max(results, key=lambda result: (result.f1 or 0.0, -abs(result.value - 0.5)))
