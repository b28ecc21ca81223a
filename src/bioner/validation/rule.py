"""A rule: one expectation of Great Expectations on one column, with its limits and what a breach of it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_NOT_BLANK = r"\S"


@dataclass(frozen=True, slots=True)
class Rule:
    """What has to hold of every value of a column, or of the one figure of a batch.

    Attributes:
        name: of the rule; the reason that a row which breaks it is quarantined for.
        column: what is judged.
        expectation: the class of Great Expectations that judges it.
        settings: of the expectation.
        limits: the settings in words.
        breach: what is wrong where the rule is broken, in words.
    """

    name: str
    column: str
    expectation: str
    settings: Mapping[str, Any]
    limits: str
    breach: str

    @classmethod
    def values(
        cls, name: str, column: str, breach: str, *, low: float | None = None, high: float | None = None
    ) -> Rule:
        """Every value lies within limits, both inclusive; at least one limit is given."""
        return cls(name, column, "ExpectColumnValuesToBeBetween", *_between(low, high), breach)

    @classmethod
    def figure(cls, name: str, breach: str, *, low: float | None = None, high: float | None = None) -> Rule:
        """The figure of that name lies within limits, both inclusive; its table has one row, whose mean it is."""
        return cls(name, name, "ExpectColumnMeanToBeBetween", *_between(low, high), breach)

    @classmethod
    def filled(cls, name: str, column: str, breach: str) -> Rule:
        """No value is empty or blank."""
        return cls(name, column, "ExpectColumnValuesToMatchRegex", {"regex": _NOT_BLANK}, "not blank", breach)

    @classmethod
    def unique(cls, name: str, column: str, breach: str) -> Rule:
        """No value occurs twice; where one does, every row that has it breaks the rule."""
        return cls(name, column, "ExpectColumnValuesToBeUnique", {}, "unique", breach)

    @classmethod
    def one_of(cls, name: str, column: str, breach: str, allowed: Iterable[str]) -> Rule:
        """Every value is one of some."""
        values = sorted(allowed)
        return cls(name, column, "ExpectColumnValuesToBeInSet", {"value_set": values}, ", ".join(values), breach)


def _between(low: float | None, high: float | None) -> tuple[dict[str, float | None], str]:
    """The settings of an expectation on numbers, and the same in words."""
    settings = {"min_value": low, "max_value": high}
    if low is None:
        return settings, f"at most {high:g}"
    return settings, f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
