"""Means, intervals and gains: against scipy, and by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_material import documents
from scipy import stats

from bioner.documents import Document
from bioner.protocols.summary import Judge, median_place, t_interval
from bioner.protocols.trial import Outcome

GOLD = documents("test", 6)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.floats(0.5, 0.99))
def test_the_interval_over_seeds_is_scipys(values: list[float], confidence: float) -> None:
    mean, error = sum(values) / len(values), stats.sem(values)
    found = t_interval(values, confidence)
    expected = stats.t.interval(confidence, len(values) - 1, mean, error) if error > 1e-9 else (mean, mean)
    assert found == pytest.approx(expected, abs=2e-6)


def test_one_value_has_no_interval() -> None:
    assert t_interval([0.5], 0.95) is None


@given(st.lists(st.integers(0, 5), min_size=1))
def test_as_many_values_below_the_median_as_above(values: list[int]) -> None:
    place = median_place(values)
    middle = sorted(values)[(len(values) - 1) // 2]
    assert values[place] == middle


def found(share: int) -> tuple[Document, ...]:
    """Predictions that are right in the first `share` documents, and none elsewhere."""
    return tuple(d if n < share else d.with_spans(()) for n, d in enumerate(GOLD))


def outcome(arm: str, seed: int, share: int) -> Outcome:
    return Outcome(arm, 5, seed, 0.5, ({"name": "gold", "steps": 3, "documents": 2, "spans": 4},), found(share))


def test_rows_and_gains_by_hand() -> None:
    judge = Judge(GOLD, 50, 0.9, 1)
    outcomes = [outcome("both", seed, 4 + seed) for seed in (1, 2)] + [outcome("gold", seed, 3) for seed in (1, 2)]
    record = judge.summarise(outcomes, [(("both", 5), ("gold", 5))])
    f1 = {share: 2 * share / (6 + share) for share in (3, 5, 6)}
    row = record["results"]["both, k = 5"]
    assert row["strict F1"] == pytest.approx((f1[5] + f1[6]) / 2, abs=1e-6)
    assert row["strict F1 seeds low"] < row["strict F1"] < row["strict F1 seeds high"]
    gain = record["gains"]["both, k = 5 over gold, k = 5"]
    assert gain["seeds"] == 2
    assert gain["overlap gain"] == pytest.approx((f1[5] + f1[6]) / 2 - f1[3], abs=1e-6)
    assert gain["strict documents low"] >= 0
    assert record["runs"]["gold, k = 5, seed 2"] == {
        "strict F1": pytest.approx(f1[3], abs=1e-6),
        "overlap F1": pytest.approx(f1[3], abs=1e-6),
        "threshold": 0.5,
        "updates": 3,
        "gold sentences": 2,
        "gold mentions": 4,
    }


def test_a_baseline_without_seeds_stands_against_every_seed() -> None:
    before = Outcome("before", None, 1, 0.5, (), found(6))
    after = [Outcome("after", None, seed, 0.5, (), found(6 - seed)) for seed in (1, 2, 3)]
    gains = Judge(GOLD, 20, 0.95, 1).summarise([before, *after], [(("after", None), ("before", None))])["gains"]
    (gain,) = gains.values()
    assert gain["seeds"] == 3
    assert gain["strict gain"] == pytest.approx(sum(2 * n / (6 + n) for n in (5, 4, 3)) / 3 - 1, abs=1e-6)
    assert gain["strict gain seeds low"] < gain["strict gain"] < gain["strict gain seeds high"]


def test_nothing_predicted_is_a_score_of_zero() -> None:
    record = Judge(GOLD, 20, 0.95, 1).summarise([Outcome("neither", 0, 1, 0.5, (), found(0))], [])
    assert record["results"]["neither, k = 0"]["strict F1"] == 0.0
    assert math.isfinite(record["results"]["neither, k = 0"]["strict documents low"])
    assert record["results"]["neither, k = 0"]["strict F1 seeds low"] is None
