"""Figures of any stage: every value of a JSON object is shown somewhere."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bioner.report.figures import Figures, Grid, figures_of, shown

KEYS = st.text(alphabet="abcdefgh", min_size=1, max_size=6)
SCALARS = st.one_of(st.integers(), st.booleans(), st.none(), st.text(max_size=5), st.floats(allow_nan=False))
OBJECTS = st.dictionaries(
    KEYS, st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12), max_size=5
)


def leaves(value: Any) -> int:
    """How many single values there are; an empty object shows as one, `none`."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values())) or 1
    return 1


def held(figures: Figures) -> int:
    grids = sum(len(g.rows) * (len(g.columns) + len(g.common)) for g in figures.tables.values())
    counts = sum(map(len, figures.counts.values()))
    return len(figures.facts) + counts + grids + sum(map(held, figures.groups.values()))


@given(OBJECTS)
def test_no_value_is_lost(record: dict[str, Any]) -> None:
    assert held(figures_of(record, {})) == (leaves(record) if record else 0)


def test_values_are_sorted_by_their_form() -> None:
    record = {
        "kept": 3,
        "languages": ["en", "zh"],
        "dropped": {"too_short": 2, "repeated": 1},
        "rules": {"a": {"limit": 1, "success": True}, "b": {"limit": 2, "success": True}},
        "dev": {"strict": 0.5, "by": {"drug": 1}},
        "nothing": {},
        "summary": {"kept": 3},
    }
    found = figures_of(record, {})
    assert found.facts == {"kept": 3, "languages": "en, zh", "nothing": "none"}
    assert found.counts == {"dropped": {"too short": 2, "repeated": 1}}
    assert found.tables == {"rules": Grid({"success": True}, ("limit",), {"a": (1,), "b": (2,)})}
    assert found.groups["dev"].facts == {"strict": 0.5}
    assert "summary" not in found.facts | found.groups


def test_keys_of_entity_types_are_shown_by_name() -> None:
    assert figures_of({"spans": {"lab_test": 2}}, {"lab_test": "laboratory test"}).counts == {
        "spans": {"laboratory test": 2}
    }


def test_a_single_row_keeps_its_columns() -> None:
    assert Grid.of({"a": {"x": 1}}) == Grid({}, ("x",), {"a": (1,)})


def test_yes_is_not_one() -> None:
    assert Grid.of({"a": {"x": 1}, "b": {"x": True}}).columns == ("x",)


def test_values_as_they_are_read() -> None:
    assert [shown(v) for v in (None, True, 12345, 0.25, 0.6666, 1e-5, 0.0, 3.0, "x")] == [
        "–",
        "yes",
        "12,345",
        "0.25",
        "0.667",
        "1.0e-05",
        "0",
        "3",
        "x",
    ]
