"""The judge: Great Expectations evaluates the rules on a table, in memory, and says of each what it found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bioner.telemetry import silence
from bioner.validation.suites import Rule

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one rule.

    Attributes:
        rule: the rule.
        expectation: the expectation that judged it.
        success: whether something was evaluated, and all of it met the rule.
        evaluated: how many values were judged; a missing value is not.
        observed: the figure of a batch, or how many rows break the rule.
        broken_by: the positions of these rows, ascending.
    """

    rule: Rule
    expectation: str
    success: bool
    evaluated: int
    observed: float | None
    broken_by: tuple[int, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """The outcome as a JSON object, for the metrics."""
        return {
            "expectation": self.expectation,
            "column": self.rule.column,
            "limits": self.rule.limits,
            "success": self.success,
            "evaluated": self.evaluated,
            "observed": self.observed,
        }


def judge_rows(table: pd.DataFrame, rules: Sequence[Rule]) -> list[Outcome]:
    """Judge every value of the rules' columns."""
    return _judge("rows", table, rules, "ExpectColumnValuesToBeBetween")


def judge_batch(figures: Mapping[str, float], rules: Sequence[Rule]) -> list[Outcome]:
    """Judge the figures of a batch: a table of one row, whose mean is the figure."""
    import pandas as pd

    return _judge("batch", pd.DataFrame([figures]), rules, "ExpectColumnMeanToBeBetween")


def _judge(name: str, table: pd.DataFrame, rules: Sequence[Rule], expectation: str) -> list[Outcome]:
    silence()
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),  # nothing is written, data docs neither
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    context = gx.get_context(project_config=config, mode="ephemeral")
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe(name).get_batch({"dataframe": table})
    expect = getattr(gx.expectations, expectation)
    expectations = [
        expect(column=rule.column, min_value=rule.low, max_value=rule.high, meta={"rule": rule.name}) for rule in rules
    ]
    found = batch.validate(gx.ExpectationSuite(name=name, expectations=expectations), result_format="COMPLETE")
    results = {result.expectation_config.meta["rule"]: result for result in found.results}
    return [_outcome(rule, results[rule.name]) for rule in rules]


def _outcome(rule: Rule, result: Any) -> Outcome:
    """Read one result; the judge reports its own failures as results too, and those are bugs of ours."""
    found = result.result
    if not found:
        raise RuntimeError(f"the rule {rule.name} could not be evaluated: {result.exception_info}")
    kind = result.expectation_config.type
    if "element_count" in found:
        evaluated = found["element_count"] - found["missing_count"]
        broken_by = tuple(sorted(int(row) for row in found["unexpected_index_list"]))
        return Outcome(rule, kind, bool(result.success and evaluated), evaluated, len(broken_by), broken_by)
    value = found["observed_value"]
    if value is None or math.isnan(value):
        return Outcome(rule, kind, success=False, evaluated=0, observed=None)
    return Outcome(rule, kind, bool(result.success), 1, round(float(value), 6))
