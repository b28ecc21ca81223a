"""Figures of any stage, whatever their names: a JSON object becomes facts, counts and groups that a page can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_REPEATED = "summary"

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Objects of one form under each other.

    Attributes:
        common: the columns in which all rows, if there are several, have the same value.
        columns: the names of the others.
        rows: name -> the values of these columns.
    """

    common: Mapping[str, Scalar]
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[Scalar, ...]]

    @classmethod
    def of(cls, rows: Mapping[str, Mapping[str, Scalar]]) -> Grid:
        """Part the columns of a table, which all rows have, by whether they tell the rows apart."""
        first = next(iter(rows.values()))
        same = [name for name in first if len({repr(row[name]) for row in rows.values()}) == 1 < len(rows)]
        columns = tuple(name for name in first if name not in same)
        return cls(
            {name: first[name] for name in same},
            columns,
            {key: tuple(row[name] for name in columns) for key, row in rows.items()},
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """What one JSON object holds.

    Attributes:
        facts: name -> single values, or short lists in words.
        counts: name -> groups of numbers that belong together, such as reasons and how often each occurred.
        tables: name -> objects of one form under each other.
        groups: name -> everything else that is nested.
    """

    facts: Mapping[str, Scalar] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int | float]] = field(default_factory=dict)
    tables: Mapping[str, Grid] = field(default_factory=dict)
    groups: Mapping[str, Figures] = field(default_factory=dict)


def figures_of(record: Mapping[str, Any], names: Mapping[str, str]) -> Figures:
    """Sort the values of a JSON object by their form; `summary` is left out, since it repeats other figures.

    Args:
        record: the object.
        names: what some keys are called; the others are shown in their own words.
    """

    def named(values: Mapping[str, Any]) -> dict[str, Any]:
        return {names.get(key, in_words(key)): value for key, value in values.items()}

    facts: dict[str, Scalar] = {}
    counts: dict[str, Mapping[str, int | float]] = {}
    tables: dict[str, Grid] = {}
    groups: dict[str, Figures] = {}
    for name, value in named(record).items():
        if name == _REPEATED:
            continue
        if isinstance(value, list):
            facts[name] = ", ".join(str(item) for item in value) or "none"
        elif not isinstance(value, Mapping):
            facts[name] = value
        elif not value:
            facts[name] = "none"
        elif all(_is_number(item) for item in value.values()):
            counts[name] = named(value)
        elif _is_table(value):
            tables[name] = Grid.of({row: named(cells) for row, cells in named(value).items()})
        else:
            groups[name] = figures_of(value, names)
    return Figures(facts, counts, tables, groups)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_table(value: Mapping[str, Any]) -> bool:
    """Whether all values are flat objects with the same keys."""
    rows = list(value.values())
    if not all(isinstance(row, Mapping) and row for row in rows):
        return False
    flat = all(not isinstance(cell, Mapping | list) for row in rows for cell in row.values())
    return flat and all(set(row) == set(rows[0]) for row in rows)


def in_words(key: str) -> str:
    """A key as it is read: `below_min_score` becomes `below min score`."""
    return str(key).replace("_", " ")


def shown(value: Scalar) -> str:
    """A value as it is read: thousands apart, three decimals at most, yes and no."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 or value == 0 else f"{value:.1e}"
    return str(value)
