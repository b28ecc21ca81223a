"""The judge: limits are inclusive, what is missing is not evaluated, and what evaluated nothing does not pass."""

from __future__ import annotations

import pandas as pd
import pytest

from bioner.config import Validate
from bioner.validation.figures import DENSITY, LABEL_DRIFT, LENGTH_DRIFT
from bioner.validation.judge import judge
from bioner.validation.rule import Rule
from bioner.validation.suites import annotation_rules, batch_rules, document_rules


@pytest.mark.parametrize(
    ("value", "low", "high", "success"),
    [(0.5, None, 0.5, True), (0.51, None, 0.5, False), (0.5, 0.5, None, True), (0.49, 0.5, None, False)],
)
def test_limits_are_inclusive(value: float, low: float | None, high: float | None, success: bool) -> None:
    rules = [
        Rule.values("row", "figure", "wrong", low=low, high=high),
        Rule.figure("figure", "wrong", low=low, high=high),
    ]
    judged = judge("suite", pd.DataFrame({"figure": [value]}), rules)
    assert [outcome.success for outcome in judged.outcomes] == [success, success]


def test_each_kind_of_rule_names_the_rows_that_break_it() -> None:
    table = pd.DataFrame({"word": ["a", " ", "a", "b"], "number": [1.0, 2.0, None, 3.0]})
    rules = [
        Rule.filled("filled", "word", "blank"),
        Rule.unique("unique", "word", "twice"),
        Rule.one_of("known", "word", "unknown", ["a", "b"]),
        Rule.values("small", "number", "large", high=2),
    ]
    found = {outcome.rule.name: outcome for outcome in judge("suite", table, rules).outcomes}
    broken = {name: outcome.broken_by for name, outcome in found.items()}
    assert broken == {"filled": (1,), "unique": (0, 2), "known": (1,), "small": (3,)}
    assert (found["small"].evaluated, found["known"].evaluated) == (3, 4)
    assert not any(outcome.success for outcome in found.values())


def test_no_rule_of_any_suite_passes_where_every_value_is_missing(limits: Validate) -> None:
    compared = {figure: ["en"] for figure in (DENSITY, LABEL_DRIFT, LENGTH_DRIFT)}
    for rules in (document_rules(limits, ["en"]), annotation_rules(limits), batch_rules(limits, compared)):
        for rows in ([None], []):
            table = pd.DataFrame({rule.column: pd.Series(rows, dtype=object) for rule in rules})
            for outcome in judge("suite", table, rules).outcomes:
                assert not outcome.success, outcome.rule.name
                assert outcome.evaluated == 0, outcome.rule.name


def test_a_rule_on_a_column_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(RuntimeError, match="could not be evaluated"):
        judge("suite", pd.DataFrame({"figure": [1]}), [Rule.values("typo", "no_such_column", "wrong", high=0)])
