"""Values are the same however they were written, and no others are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.audit.values import alike, flat, mapping, short, value_at

NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(VALUES)
def test_a_value_is_like_itself_after_any_way_through_json(value: object) -> None:
    assert alike(value, json.loads(json.dumps(value)))


@given(NUMBERS)
def test_numbers_are_alike_in_words_and_others_are_not(value: float) -> None:
    assert alike(value, str(value))
    assert not alike(value, value + 1)
    assert alike(value, value + 1, tolerance=1.01)


def test_what_looks_alike_and_is_not() -> None:
    assert alike(0.001, "1e-3")
    assert not alike(None, 0)
    assert not alike(None, "None")
    assert not alike("yes", True)
    assert not alike([1], [1, 2])
    assert not alike({"a": 1}, {"b": 1})
    assert not alike({"a": 1}, [1])


def test_nested_values_by_dotted_keys() -> None:
    nested = {"a": {"b": 1, "c": [2]}, "d": None}
    assert flat(nested) == {"a.b": 1, "a.c": [2], "d": None}
    assert [value_at(nested, key) for key in ("a.b", "a.x", "a.b.c", "d")] == [1, None, None, None]


def test_what_is_no_object_is_empty_and_long_values_are_cut() -> None:
    assert mapping("[1]") == mapping("{") == {}
    assert len(short("x" * 500)) < 100
