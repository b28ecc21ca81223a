"""The threshold is the best of the grid for its aim, and caution keeps noise on few documents from deciding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.evaluation.calibration import GRID, Counts, Trial, above, choose_threshold, standard_error

# a document for each span: its score, and whether it is right
Scored = Sequence[tuple[float, bool]]


def documents(spans: Scored) -> list[Document]:
    return [Document(f"d{n}", "ab", "en", (Span.of(0, 1, "x", score),)) for n, (score, _) in enumerate(spans)]


def counter(spans: Scored, missed: int) -> Callable[[Sequence[Document]], Counts]:
    """Counts the spans that are left; the first `missed` documents have one more gold span each."""

    def count(left: Sequence[Document]) -> Counts:
        rows = [
            (int(right) + (number < missed), len(document.spans), len(document.spans) * right)
            for number, ((_, right), document) in enumerate(zip(spans, left, strict=True))
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    return count


def choose(spans: Scored, missed: int = 0, **settings: object) -> Trial:
    return choose_threshold(documents(spans), counter(spans, missed), **settings)[0]  # type: ignore[arg-type]


def test_spans_at_the_threshold_are_kept() -> None:
    spans = documents([(0.2, True), (0.42, True), (0.9, True)])
    assert [len(d.spans) for d in above(spans, 0.2)] == [1, 1, 1]
    assert [len(d.spans) for d in above(spans, 0.9)] == [0, 0, 1]


def test_the_highest_f1_is_chosen() -> None:
    chosen = choose([(0.2, False), (0.42, True), (0.9, True)])
    assert 0.2 < chosen.threshold <= 0.42
    assert chosen.threshold in GRID
    assert chosen.scores == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_of_equal_thresholds_the_one_next_to_a_half() -> None:
    assert choose([(0.95, True)]).threshold == 0.5


def test_all_spans_stand_beside_the_choice() -> None:
    spans = [(0.2, False), (0.9, True)]
    whole = choose_threshold(documents(spans), counter(spans, 0))[1]
    assert (whole.threshold, whole.precision) == (0.0, 0.5)


def test_a_small_gain_is_noise_under_caution() -> None:
    spans = [(0.3, False), *[(0.35, n % 2 == 0) for n in range(10)], *[(0.9, True)] * 5]
    assert choose(spans).threshold > 0.3
    assert choose(spans, caution=1.5).threshold == 0.0


def test_a_sure_gain_is_none() -> None:
    spans = [*[(0.3, False)] * 20, *[(0.9, True)] * 20]
    assert choose(spans, caution=2.0).threshold == 0.35
    assert choose(spans, aim="precision", caution=2.0).precision == 1.0


def test_precision_is_raised_as_long_as_f1_is_not_below_that_of_all_spans() -> None:
    affordable = [*[(0.1, False)] * 10, *[(0.5, n < 2) for n in range(4)], *[(0.9, True)] * 6]
    assert choose(affordable).scores == {"precision": 0.8, "recall": 1.0, "f1": 0.888889}
    assert choose(affordable, aim="precision").scores == {"precision": 1.0, "recall": 0.75, "f1": 0.857143}
    too_dear = [(0.1, False), *[(0.5, n < 3) for n in range(4)], (0.9, True)]
    assert choose(too_dear, aim="precision").scores == {"precision": 0.8, "recall": 1.0, "f1": 0.888889}


@given(
    st.lists(st.tuples(st.floats(0.01, 1.0), st.booleans()), min_size=1, max_size=12),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.5, 1.0, 2.0]),
)
def test_no_aim_loses_f1_and_more_caution_keeps_more(spans: Scored, missed: int, caution: float) -> None:
    _, whole = choose_threshold(documents(spans), counter(spans, missed))
    precise = choose(spans, missed, aim="precision", caution=caution)
    assert precise.f1 >= whole.f1
    assert precise.precision >= whole.precision
    assert choose(spans, missed, aim="precision", caution=0.0).precision >= precise.precision
    cautious, more = (choose(spans, missed, caution=value) for value in (caution or 0.1, caution + 1.0))
    assert more.threshold <= cautious.threshold


def test_the_standard_error_is_that_of_the_mean_where_f1_is_one() -> None:
    # with as many gold spans and predictions in each document, F1 is the mean of the documents' shares of right ones
    right = np.array([[0, 1, 2, 2, 1, 0, 2, 1], [1, 1, 2, 0, 1, 0, 2, 2]])
    counts = [np.stack([np.full(8, 2), np.full(8, 2), row], axis=1) for row in right]
    one, other = (Trial(0.0, rows) for rows in counts)
    difference = (right[0] - right[1]) / 2
    assert standard_error(one, other) == pytest.approx(difference.std(ddof=1) / np.sqrt(8))
    assert standard_error(one, one) == 0.0


def test_one_document_is_no_evidence() -> None:
    spans = [(0.3, False)]
    assert choose(spans, missed=1, caution=1.0).threshold == 0.0
    assert choose(spans, missed=1, caution=0.0, aim="precision").threshold == 0.0
