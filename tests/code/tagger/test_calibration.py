"""The threshold is the best of the grid on the documents it is chosen on."""

from __future__ import annotations

from collections.abc import Sequence

from bioner.documents import Document, Span
from bioner.tagger.calibration import GRID, above, choose_threshold

PREDICTED = [
    Document("d", "abcd", "en", tuple(Span.of(n, n + 1, "x", score) for n, score in enumerate((0.2, 0.42, 0.9))))
]


def starts(documents: Sequence[Document]) -> list[int]:
    return [span.start for document in documents for span in document.spans]


def test_spans_at_the_threshold_are_kept() -> None:
    assert starts(above(PREDICTED, 0.2)) == [0, 1, 2]
    assert starts(above(PREDICTED, 0.9)) == [2]


def test_the_best_threshold_is_chosen() -> None:
    value = choose_threshold(PREDICTED, lambda documents: float(starts(documents) == [1, 2]))
    assert 0.2 < value <= 0.42
    assert value in GRID


def test_of_equal_thresholds_the_one_next_to_a_half() -> None:
    assert choose_threshold(PREDICTED, lambda _documents: 0.0) == 0.5
