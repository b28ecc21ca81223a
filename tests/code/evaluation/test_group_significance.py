"""Paired tests by group: equal to the test of all, close to SciPy's permutation test, and Holm by its definition."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from brute_force import document
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bioner.documents import Document, Span
from bioner.evaluation.group_significance import compare_groups, holm
from bioner.evaluation.significance import compare

SPANS = (Span.of(0, 2, "A"), Span.of(3, 6, "B"), Span.of(7, 12, "B"))
GOLD = [document(SPANS, f"{n:05}") for n in range(120)]


def model(recall: dict[str, float], seed: int) -> list[Document]:
    rng = random.Random(seed)
    return [d.with_spans([span for span in d.spans if rng.random() < recall[span.label]]) for d in GOLD]


BEFORE, AFTER = model({"A": 0.8, "B": 0.5}, 1), model({"A": 0.5, "B": 0.8}, 2)


@pytest.mark.parametrize("scheme", ["strict", "boundary", "overlap"])
def test_group_of_all_is_the_test_of_all(scheme: Any) -> None:
    one = compare_groups(GOLD, BEFORE, AFTER, scheme=scheme, seed=3)["micro", ""]
    other = compare(GOLD, BEFORE, AFTER, scheme=scheme, seed=3)
    assert (one.baseline, one.candidate, one.difference) == (other.baseline, other.candidate, other.difference)
    assert (one.interval, one.p_better, one.p_two_sided) == (other.interval, other.p_one_sided, other.p_two_sided)


def test_a_type_is_the_test_of_its_mentions_alone() -> None:
    """Both draw the same documents."""
    groups = compare_groups(GOLD, BEFORE, AFTER, seed=3)
    for label in ("A", "B"):
        only = [
            [d.with_spans([s for s in d.spans if s.label == label]) for d in side] for side in (GOLD, BEFORE, AFTER)
        ]
        alone = compare(*only, seed=3)
        test = groups["types", label]
        assert (test.difference, test.interval, test.p_better) == (
            alone.difference,
            alone.interval,
            alone.p_one_sided,
        )


def test_loss_in_one_type_and_gain_in_another() -> None:
    groups = compare_groups(GOLD, BEFORE, AFTER)
    assert groups["types", "A"].p_worse < 0.01
    assert groups["types", "A"].p_better > 0.99
    assert groups["types", "B"].p_better < 0.01
    assert groups["types", "B"].p_worse > 0.99
    assert groups["shapes", "nested"].gold == 0
    assert groups["shapes", "nested"].p_worse == 1.0


def test_direction_turns_both_p_values() -> None:
    there, back = (compare_groups(GOLD, *sides)["types", "B"] for sides in ((BEFORE, AFTER), (AFTER, BEFORE)))
    assert (there.p_better, there.p_worse) == (back.p_worse, back.p_better)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p_value_is_close_to_the_permutation_test_of_scipy(seed: int) -> None:
    """Another method (labels of a pair are swapped, nothing is drawn again) for the same question."""
    before, after = model({"A": 0.7, "B": 0.7}, seed), model({"A": 0.74, "B": 0.74}, seed + 10)
    right = [np.array([len(d.spans) for d in side]) for side in (before, after)]

    def gain(one: Any, other: Any, axis: int) -> Any:
        gold = len(SPANS) * len(GOLD)
        return 2 * other.sum(axis=axis) / (gold + other.sum(axis=axis)) - 2 * one.sum(axis=axis) / (
            gold + one.sum(axis=axis)
        )

    theirs = stats.permutation_test(
        right, gain, permutation_type="samples", alternative="greater", vectorized=True, n_resamples=4000, rng=1
    )
    ours = compare_groups(GOLD, before, after, resamples=4000)["micro", ""]
    assert ours.difference == pytest.approx(theirs.statistic)
    assert ours.p_better == pytest.approx(theirs.pvalue, abs=0.03)


@given(st.dictionaries(st.integers(), st.integers(0, 100).map(lambda n: n / 100), min_size=1, max_size=5))
def test_holm_is_the_closed_test_of_bonferroni(p_values: dict[int, float]) -> None:
    """A finding stands if Bonferroni rejects every set of hypotheses that holds it."""
    corrected = holm(p_values)
    for key in p_values:
        sets = [held for size in range(1, len(p_values) + 1) for held in combinations(p_values, size) if key in held]
        assert corrected[key] == pytest.approx(
            max(min(1.0, len(held) * min(p_values[k] for k in held)) for held in sets)
        )
