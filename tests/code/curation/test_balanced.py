"""Tests of the balanced sample."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.curation.sample import balanced, share
from bioner.documents import Document


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


def _documents() -> list[Document]:
    groups = [("en", "x", 40), ("en", "y", 5), ("zh", "z", 30)]
    return [
        Document(f"{source}{index}", "text", language, source=source)
        for language, source, n in groups
        for index in range(n)
    ]


def test_languages_and_their_sources_are_balanced_in_the_given_order() -> None:
    kept = balanced(_documents(), 30, 1)
    assert Counter(document.source for document in kept) == {"x": 10, "y": 5, "z": 15}
    assert kept == [document for document in _documents() if document in kept]


def test_the_seed_decides_and_the_order_of_the_documents_does_not() -> None:
    kept = {document.id for document in balanced(_documents(), 30, 1)}
    assert {document.id for document in balanced(_documents()[::-1], 30, 1)} == kept
    assert {document.id for document in balanced(_documents(), 30, 2)} != kept
