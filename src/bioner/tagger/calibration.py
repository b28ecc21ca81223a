"""Calibration: the threshold of a tagger with a selector, chosen on documents that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bioner.documents import Document

GRID = tuple(round(0.05 * step, 2) for step in range(19))  # 0 to 0.9


def above(documents: Sequence[Document], threshold: float) -> list[Document]:
    """The documents with those of their spans that score at least the threshold."""
    return [d.with_spans(s for s in d.spans if s.score is not None and s.score >= threshold) for d in documents]


def choose_threshold(predicted: Sequence[Document], f1: Callable[[Sequence[Document]], float]) -> float:
    """The threshold of `GRID` at which the predictions have the highest F1; of several, the one next to a half."""
    return max(GRID, key=lambda value: (f1(above(predicted, value)), -abs(value - 0.5)))
