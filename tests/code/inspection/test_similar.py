"""Tests of the search for similar sets: it finds what comparing every pair finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.inspection.similar import similar

SETS = st.lists(st.frozensets(st.sampled_from("abcdefgh"), min_size=1), max_size=12)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 1.0])
@given(left=SETS, right=SETS)
def test_it_finds_what_comparing_every_pair_finds(
    threshold: float, left: list[frozenset[str]], right: list[frozenset[str]]
) -> None:
    expected = {i for i, a in enumerate(left) if any(len(a & b) / len(a | b) >= threshold - 1e-9 for b in right)}
    assert similar(left, right, threshold) == expected
