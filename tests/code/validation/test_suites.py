"""The suites: every rule has a name and says what a breach is, and impossible limits are refused where they are set."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bioner.config import Validate, parse_params
from bioner.errors import ConfigError
from bioner.validation.figures import DENSITY, LABEL_DRIFT, LENGTH_DRIFT
from bioner.validation.rule import Rule
from bioner.validation.suites import BREACHES, annotation_rules, batch_rules, document_rules

ROOT = Path(__file__).parents[3]
BOTH = {figure: ["en", "zh"] for figure in (DENSITY, LABEL_DRIFT, LENGTH_DRIFT)}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule.values("r", "c", "wrong", high=0), "at most 0"),
        (Rule.values("r", "c", "wrong", low=0.25), "at least 0.25"),
        (Rule.figure("r", "wrong", low=0.5, high=2), "0.5 to 2"),
        (Rule.filled("r", "c", "wrong"), "not blank"),
        (Rule.unique("r", "c", "wrong"), "unique"),
        (Rule.one_of("r", "c", "wrong", {"zh", "en"}), "en, zh"),
    ],
)
def test_limits_in_words(rule: Rule, words: str) -> None:
    assert rule.limits == words


def test_every_rule_has_a_name_of_its_own_and_says_what_is_wrong(limits: Validate) -> None:
    rows = [*document_rules(limits, ["en"]), *annotation_rules(limits)]
    rules = [*rows, *batch_rules(limits, BOTH)]
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.breach for rule in rules)
    assert {rule.name: rule.breach for rule in rows} == BREACHES


def test_what_is_held_against_gold_is_judged_even_without_a_language_to_compare(limits: Validate) -> None:
    nothing: dict[str, list[str]] = {DENSITY: [], LABEL_DRIFT: [], LENGTH_DRIFT: []}
    assert [rule.name for rule in batch_rules(limits, nothing)][-3:] == [DENSITY, LABEL_DRIFT, LENGTH_DRIFT]


@pytest.mark.parametrize("ratio", [[3.0, 0.3], [1.0, 1.0], [-1.0, 2.0]])
def test_a_density_ratio_that_nothing_can_meet_is_refused(ratio: list[float]) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["validate"]["density_ratio"] = ratio
    with pytest.raises(ConfigError, match=r"validate: .*a lower and an upper limit"):
        parse_params(params, "params.yaml")


def test_a_kind_of_identifier_that_nobody_knows_is_refused() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["validate"]["identifiers"] = ["email", "name"]
    with pytest.raises(ConfigError, match=r"validate\.identifiers\.1.*found 'name'"):
        parse_params(params, "params.yaml")
