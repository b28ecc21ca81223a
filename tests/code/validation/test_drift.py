"""Drift: alike is 0, nothing in common is 1, and small samples of one distribution do not drift."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.validation.drift import drift

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 500), min_size=1)


def test_the_ends_of_the_scale() -> None:
    assert drift({"a": 10_000}, {"a": 3}) == 0
    assert drift({"a": 10_000}, {"b": 10_000}) == pytest.approx(1, abs=1e-3)


def test_it_is_the_distance_where_samples_are_large() -> None:
    # m = (3/8, 5/8): H(m) = 0.954434, mean of the entropies 0.905639
    assert drift({"a": 50_000_000, "b": 50_000_000}, {"a": 25_000_000, "b": 75_000_000}) == pytest.approx(
        0.220896, abs=1e-4
    )


@given(COUNTS, COUNTS)
def test_it_is_symmetric_and_between_nought_and_one(one: dict[str, int], other: dict[str, int]) -> None:
    assert 0 <= drift(one, other) <= 1
    assert drift(one, other) == pytest.approx(drift(other, one))


def test_samples_of_one_distribution_hardly_drift_at_any_size() -> None:
    rng, labels = Random(1), "aaaabbbccd"
    expected = Counter({label: 400 * labels.count(label) for label in "abcd"})
    for size in (5, 20, 100, 1000):
        found = [drift(Counter(rng.choices(labels, k=size)), expected) ** 2 for _ in range(60)]
        assert sum(found) / len(found) < 0.6 / size


def test_a_single_finding_says_little() -> None:
    assert drift({"a": 1}, dict.fromkeys("abcdefgh", 100)) == 0
    assert drift({"a": 100}, dict.fromkeys("abcdefgh", 100)) > 0.8
