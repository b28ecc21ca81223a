"""Tests of the balanced sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.curation.sample import balanced, share
from bioner.seeds import derive

GROUPS = [("en", "x"), ("en", "y"), ("zh", "z")]
MEMBERS = np.repeat([0, 1, 2], [40, 5, 30])


@pytest.mark.parametrize(
    ("limit", "sizes", "expected"),
    [
        (10, {"a": 100, "b": 100}, {"a": 5, "b": 5}),
        (10, {"a": 2, "b": 100}, {"a": 2, "b": 8}),
        (11, {"a": 100, "b": 100}, {"a": 5, "b": 6}),
        (10, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        (9, {"a": 1, "b": 50, "c": 50}, {"a": 1, "b": 4, "c": 4}),
        (5, {}, {}),
    ],
)
def test_shares(limit: int, sizes: dict[str, int], expected: dict[str, int]) -> None:
    assert share(limit, sizes) == expected


@given(st.integers(1, 60), st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 20)))
def test_shares_fill_the_limit_and_are_even(limit: int, sizes: dict[str, int]) -> None:
    shares = share(limit, sizes)
    assert sum(shares.values()) == min(limit, sum(sizes.values()))
    unfilled = [shares[name] for name in sizes if shares[name] < sizes[name]]
    assert all(shares[name] <= sizes[name] for name in sizes)
    assert not unfilled or max(unfilled) - min(unfilled) <= 1
    assert not unfilled or max(shares.values()) - min(unfilled) <= 1


def _ranks(seed: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.array([derive(seed, str(number)) for number in range(len(MEMBERS))], np.uint32)


def test_languages_and_their_sources_are_balanced() -> None:
    taken = balanced(GROUPS, MEMBERS, _ranks(1), 30)
    assert np.bincount(MEMBERS[taken]).tolist() == [10, 5, 15]


def test_those_with_the_smallest_ranks_are_taken_whatever_their_order() -> None:
    ranks = _ranks(1)
    taken = balanced(GROUPS, MEMBERS, ranks, 30)
    assert ranks[:40][taken[:40]].max() < ranks[:40][~taken[:40]].min()
    assert (balanced(GROUPS, MEMBERS[::-1], ranks[::-1], 30)[::-1] == taken).all()
    assert (balanced(GROUPS, MEMBERS, _ranks(2), 30) != taken).any()


def test_of_nothing_nothing_is_taken() -> None:
    assert not len(balanced([], MEMBERS[:0], _ranks(1)[:0], 5))
