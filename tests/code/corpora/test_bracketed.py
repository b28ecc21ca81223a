"""Tests of texts with brackets around their mentions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.corpora.bracketed import decode, encode, recovered, without
from bioner.corpora.symbol_scan import Symbols


@pytest.mark.parametrize(
    ("line", "text", "extents"),
    [
        ("the [[CD28] receptor] of [T cells]", "the CD28 receptor of T cells", [(4, 17), (4, 8), (21, 28)]),
        ("[[x]]", "x", [(0, 1), (0, 1)]),
        ("[a][b]", "ab", [(0, 1), (1, 2)]),
        ("plain", "plain", []),
        ("", "", []),
        ("[[3H]thymidine] uptake", "[3H]thymidine uptake", [(0, 13)]),
        ("[3H]thymidine [uptake]", "[3H]thymidine uptake", [(14, 20)]),
        ("[3H][thymidine]", "[3H]thymidine", [(4, 13)]),
        ("[[3H]]thymidine", "[3H]thymidine", [(1, 3)]),  # the outer of two equal pairs is the text's own
        ("on [0, 1) [of x]", "on [0, 1) of x", [(10, 14)]),  # not balanced: the first bracket is the text's own
        ("a] [b]", "a] b", [(3, 4)]),
        ("[a]] b", "a] b", [(0, 2)]),
    ],
)
def test_the_stated_rule(line: str, text: str, extents: list[tuple[int, int]]) -> None:
    assert decode(line, text) == extents


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("[a] b", "a c"),
        ("[a", "a"),
        ("a]", "a"),
        ("]a[", "a"),
        ("[]a", "a"),
        ("a", "[a]"),
        ("ab[", "a[b"),
        ("[a] ", "a"),
    ],
)
def test_what_is_not_the_text_with_brackets_is_none(line: str, text: str) -> None:
    assert decode(line, text) is None


@st.composite
def nested(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """A text without brackets, and extents of it that do not cross."""
    text = draw(st.text("ab 肺", min_size=1, max_size=12))
    pairs = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda pair: pair[0] < pair[1])
    kept: list[tuple[int, int]] = []
    for pair in draw(st.lists(pairs, max_size=6)):
        if not any(a < pair[0] < b < pair[1] or pair[0] < a < pair[1] < b for a, b in kept):
            kept.append(pair)
    return text, sorted(kept, key=lambda extent: (extent[0], -extent[1]))


@given(nested())
@settings(deadline=None)
def test_a_text_without_brackets_is_read_as_it_was_written(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, extents = case
    line = encode(text, extents)
    assert without(line) == text
    assert decode(line, text) == extents


@given(st.text("a[]", max_size=14), st.text("a[]", max_size=14))
@settings(deadline=None)
def test_any_line_is_read_exactly_or_not_at_all(line: str, text: str) -> None:
    extents = decode(line, text)
    if extents is not None:
        assert all(0 <= start < end <= len(text) for start, end in extents)
        assert len(line) == len(text) + 2 * len(extents)
        assert without(line) == without(text)


@pytest.mark.slow
def test_many_brackets_take_no_long_time() -> None:
    count = 50_000
    assert decode("[" * count + "x" + "]" * count, "x") == [(0, 1)] * count
    assert decode("[" * count + "x", "x") is None


@given(st.text("a<e>/ ", max_size=14), st.text("a<e>/ ", max_size=14))
@settings(deadline=None)
def test_a_pair_of_other_symbols_is_read_exactly_or_not_at_all(line: str, text: str) -> None:
    symbols = Symbols("<e>", "</e>")
    extents = decode(line, text, symbols)
    assert extents is None or encode(text, extents, symbols) == line


@given(st.text("ab[] ", min_size=1, max_size=10), st.data())
@settings(deadline=None)
def test_what_is_recovered_beside_brackets_of_the_text_is_read_as_it_was_written(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    extents = [(start, end), *([(start, start + 1)] if end - start > 1 else [])]
    kept = recovered(text, extents)
    assert set(kept) <= set(extents)
    assert decode(encode(text, kept), text) == kept
    assert kept == extents or "[" in text or "]" in text
