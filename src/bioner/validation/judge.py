"""The judge: Great Expectations evaluates a suite of rules on a table, in memory, and says of each what it found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bioner.telemetry import silence
from bioner.validation.rule import Rule

if TYPE_CHECKING:
    import pandas as pd

_COMPLETE = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


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


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a suite.

    Attributes:
        name: of the suite.
        outcomes: of its rules, in their order.
        result: as Great Expectations gave it, for the Data Docs.
    """

    name: str
    outcomes: tuple[Outcome, ...]
    result: Any


def judge(name: str, table: pd.DataFrame, rules: Sequence[Rule]) -> Judged:
    """Judge the columns of a table.

    Args:
        name: of the suite.
        table: one row a document, or one row with the figures of a batch.
        rules: the suite; their names differ.
    """
    silence()
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),  # nothing is written
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    context = gx.get_context(project_config=config, mode="ephemeral")
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe(name).get_batch({"dataframe": table})
    expectations = [
        getattr(gx.expectations, rule.expectation)(column=rule.column, **rule.settings, meta={"rule": rule.name})
        for rule in rules
    ]
    found = batch.validate(gx.ExpectationSuite(name=name, expectations=expectations), result_format=_COMPLETE)
    results = {result.expectation_config.meta["rule"]: result for result in found.results}
    return Judged(name, tuple(_outcome(rule, results[rule.name]) for rule in rules), found)


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
