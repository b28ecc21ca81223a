"""The distances and their p-values: bounds, symmetry, agreement with scipy, and what is known in advance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, ks_2samp

from bioner.drift.permutation import effect, p_value
from bioner.drift.tables import of_numbers, of_values

Sides = st.lists(st.lists(st.sampled_from("abcd"), max_size=4), min_size=1, max_size=8)
Numbers = st.lists(st.lists(st.integers(0, 9).map(float), max_size=4), min_size=1, max_size=8)


@given(Sides, Sides)
def test_a_mix_is_apart_by_0_to_1_and_alike_from_both_sides(left: list[list[str]], right: list[list[str]]) -> None:
    there, back = effect(of_values(left, right)), effect(of_values(right, left))
    assert 0.0 <= there <= 1.0
    assert there == pytest.approx(back)
    assert effect(of_values(left, left)) == 0.0


@given(Numbers, Numbers)
def test_a_shift_is_the_statistic_of_kolmogorov_and_smirnov(left: list[list[float]], right: list[list[float]]) -> None:
    flat = [[value for document in side for value in document] for side in (left, right)]
    table = of_numbers("shift", left, right)
    if not all(flat):
        assert effect(table) == 0.0
        assert not table.comparable
        return
    assert effect(table) == pytest.approx(ks_2samp(*flat).statistic)
    rise = effect(of_numbers("rise", left, right))
    assert rise == pytest.approx(max(0.0, ks_2samp(*flat, alternative="greater").statistic))


def test_numbers_in_ranges_lose_little() -> None:
    chance = np.random.default_rng(3)
    left, right = (chance.normal(mean, 1, (400, 1)) for mean in (0.0, 0.3))
    exact = ks_2samp(left[:, 0], right[:, 0]).statistic
    assert effect(of_numbers("shift", left.tolist(), right.tolist())) == pytest.approx(exact, abs=0.03)


def test_p_is_that_of_the_exact_test_where_there_is_one() -> None:
    left, right = [[0.0]] * 14 + [[1.0]] * 6, [[0.0]] * 6 + [[1.0]] * 14
    exact = fisher_exact([[14, 6], [6, 14]], alternative="greater").pvalue
    table = of_numbers("rise", left, right)
    for permutations in (5000, 20000):  # which ends before and after there are enough as far apart
        counted = min(100, exact * permutations)
        assert p_value(table, permutations, 1) == pytest.approx(exact, rel=4 / math.sqrt(counted))


def test_p_is_never_0_the_same_for_a_seed_and_1_for_what_is_alike() -> None:
    table = of_values([["a"]] * 30, [["b"]] * 30)
    assert p_value(table, 99, 5) == 0.01
    same = of_values([["a"], ["b"]] * 9, [["a"], ["b"]] * 9)
    assert p_value(same, 99, 5) == p_value(same, 99, 5) == 1.0


def test_documents_change_sides_whole() -> None:
    """Ten documents a side, whose hundred values are all alike: ten draws, however many values there are."""
    left, right = [["a"] * 100] * 6 + [["b"] * 100] * 4, [["a"] * 100] * 4 + [["b"] * 100] * 6
    assert p_value(of_values(left, right), 500, 1) > 0.3
