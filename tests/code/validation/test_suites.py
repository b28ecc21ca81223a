"""The suites: limits read as words, and impossible limits are refused where they are set."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bioner.config import Validate, parse_params
from bioner.errors import ConfigError
from bioner.validation.suites import Rule, batch_rules, row_rules

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("r", "c", high=0), "at most 0"),
        (Rule("r", "c", low=0.25), "at least 0.25"),
        (Rule("r", "c", low=0.5, high=2), "0.5 to 2"),
    ],
)
def test_limits_in_words(rule: Rule, words: str) -> None:
    assert rule.limits == words


def test_every_rule_has_a_name_of_its_own(limits: Validate) -> None:
    names = [rule.name for rule in (*row_rules(limits), *batch_rules(limits, ["en", "zh"]))]
    assert len(set(names)) == len(names)


def test_the_density_is_judged_even_without_a_language_to_compare(limits: Validate) -> None:
    assert [rule.name for rule in batch_rules(limits, [])][-1] == "density_ratio"


@pytest.mark.parametrize("ratio", [[3.0, 0.3], [1.0, 1.0], [-1.0, 2.0]])
def test_a_density_ratio_that_nothing_can_meet_is_refused(ratio: list[float]) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["validate"]["density_ratio"] = ratio
    with pytest.raises(ConfigError, match=r"validate: .*a lower and an upper limit"):
        parse_params(params, "params.yaml")
