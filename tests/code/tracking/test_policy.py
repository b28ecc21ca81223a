"""The promotion policy: every rule alone, ties, what is not there, and what its figures say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.config import Promotion
from bioner.evaluation.group_significance import GroupTest
from bioner.evaluation.scores import Average, SchemeScores, Score
from bioner.evaluation.significance import PairedTest
from bioner.files import write_json
from bioner.tracking.policy import Decision, Versus, decide, resamples_for
from bioner.tracking.policy_findings import Findings, hash_records, read_findings

LAX = {
    "metric": "strict",
    "min_gain": 0.0,
    "significance": 1.0,
    "min_f1": 0.0,
    "floor_per_type": 0.0,
    "floor_per_language": 0.0,
    "validation": False,
}


def policy(**rules: Any) -> Promotion:
    return Promotion.model_validate(LAX | rules)


def scores(right: int = 50, **groups: dict[str, Score]) -> SchemeScores:
    """Micro-F1 is right / 100."""
    held = [groups.get(name, {}) for name in ("types", "languages", "shapes")]
    return SchemeScores(Score(100, 100, right), Average(None), *held)


def versus(difference: float, p: float = 0.001, baseline: float | None = 0.5, **worse: float) -> Versus:
    """Against a champion; `worse` has the p-value of a loss in each type."""
    test = PairedTest("strict", 10, 1000, 0.95, baseline, 0.5, difference, (0.0, 0.0), p, p)
    types = {name: GroupTest(10, 0.5, 0.4, -0.1, (0.0, 0.0), 1.0, p, 1.0) for name, p in worse.items()}
    return Versus(test, types)


def judged(rules: Promotion, found: Findings = Findings(), **groups: dict[str, Score]) -> Decision:  # noqa: B008
    """A first champion."""
    return decide(rules, scores(**groups), None, found)


def test_first_champion_needs_min_f1_only_where_no_floor_is_set() -> None:
    assert judged(policy(min_f1=0.5)).promote
    assert not judged(policy(min_f1=0.51)).promote


def test_unmeasurable_f1_is_never_promoted() -> None:
    empty = SchemeScores(Score(0, 0, 0), Average(None), {}, {}, {})
    assert not decide(policy(), empty, None, Findings()).promote


@pytest.mark.parametrize(("difference", "promoted"), [(-0.1, False), (0.0, False), (0.001, True)])
def test_tie_and_loss_are_no_gain(difference: float, promoted: bool) -> None:
    assert decide(policy(), scores(), versus(difference), Findings()).promote is promoted


@pytest.mark.parametrize(("difference", "promoted"), [(0.019, False), (0.02, True)])
def test_min_gain_is_inclusive(difference: float, promoted: bool) -> None:
    assert decide(policy(min_gain=0.02), scores(), versus(difference), Findings()).promote is promoted


@pytest.mark.parametrize(("p", "promoted"), [(0.05, True), (0.051, False)])
def test_significance_is_inclusive(p: float, promoted: bool) -> None:
    assert decide(policy(significance=0.05), scores(), versus(0.1, p), Findings()).promote is promoted


def test_significance_of_one_switches_the_test_off() -> None:
    decision = decide(policy(), scores(), versus(0.1, p=1.0), Findings())
    assert decision.promote
    assert "significance" not in [rule.name for rule in decision.rules]


def test_champion_without_any_f1_can_be_beaten() -> None:
    assert decide(policy(), scores(), versus(0.5, baseline=None), Findings()).promote


def test_floor_names_the_type_that_misses_it_and_skips_types_without_gold() -> None:
    types = {"drug": Score(10, 10, 9), "gene": Score(10, 10, 3), "organism": Score(0, 5, 0)}
    decision = judged(policy(floor_per_type=0.5), types=types)
    assert not decision.promote
    assert [(rule.passed, rule.figures[:4]) for rule in decision.rules[1:]] == [(True, "drug"), (False, "gene")]


def test_floor_counts_a_language_in_which_nothing_was_found() -> None:
    languages = {"en": Score(10, 10, 9), "zh": Score(10, 0, 0)}
    assert not judged(policy(floor_per_language=0.1), languages=languages).promote


def test_floor_per_nesting_looks_at_the_shapes_that_occur() -> None:
    shapes = {"flat": Score(10, 10, 9), "nested": Score(10, 10, 1), "discontinuous": Score(0, 0, 0)}
    decision = judged(policy(floor_per_nesting=0.3), shapes=shapes)
    assert [(rule.passed, rule.figures.split(":")[0]) for rule in decision.rules[1:]] == [
        (True, "flat"),
        (False, "nested"),
    ]


@pytest.mark.parametrize(
    ("p_values", "failed"),
    [
        ({"drug": 0.04, "gene": 0.5}, []),  # below the level alone, not among two
        ({"drug": 0.02, "gene": 0.5}, ["drug"]),
        ({"drug": 0.02, "gene": 0.04}, ["drug", "gene"]),  # the second is then one of one
    ],
)
def test_loss_in_a_type_is_corrected_for_their_number(p_values: dict[str, float], failed: list[str]) -> None:
    decision = decide(policy(type_significance=0.05), scores(), versus(0.1, **p_values), Findings())
    named = [rule.figures.split(":")[0] for rule in decision.rules if rule.name == "type_significance"]
    assert named == ["drug", "gene"]
    assert [rule.figures.split(":")[0] for rule in decision.rules if not rule.passed] == failed
    assert decide(policy(), scores(), versus(0.1, **p_values), Findings()).promote


@pytest.mark.parametrize(("types", "level"), [(1, 0.05), (8, 0.05), (200, 0.01)])
def test_resamples_leave_a_loss_in_one_of_many_types_a_chance_to_be_found(types: int, level: float) -> None:
    assert types / (resamples_for(types, level, 1000) + 1) <= level / 10
    assert resamples_for(types, level, 10**6) == 10**6


GATE = {"documents": 10, "accepted": 9, "failures": []}


@pytest.mark.parametrize(
    ("rules", "found", "passed", "says"),
    [
        ({"validation": True}, Findings(), False, "not there"),
        ({"validation": True}, Findings(validation=GATE), True, "9 of 10 rows"),
        ({"validation": True}, Findings(validation=GATE | {"failures": ["rows is 3"]}), False, "rows is 3"),
        ({"max_leakage": 0.1}, Findings(), False, "nothing was compared"),
        ({"max_leakage": 0.1}, Findings(leakage={"test in train": 0.1, "dev in train": 0.0}), True, "test in train"),
        ({"max_leakage": 0.1}, Findings(leakage={"test in train": 0.11}), False, "11.0% of test in train"),
        ({"max_leakage": 0.1}, Findings(leakage={}), True, "no pair"),
        ({"min_acceptance": 0.8}, Findings(), False, "nobody reviewed"),
        ({"min_acceptance": 0.8}, Findings(acceptance=0.8), True, "80.0%"),
        ({"min_acceptance": 0.8}, Findings(acceptance=0.79), False, "79.0%"),
        ({"max_megabytes": 1.5}, Findings(), False, "not noted"),
        ({"max_megabytes": 1.5}, Findings(size=1_500_000), True, "1.5 MB"),
        ({"max_megabytes": 1.5}, Findings(size=1_600_000), False, "1.6 MB"),
        ({}, Findings(withdrawn="rolled back by anna on Monday"), False, "by anna"),
    ],
)
def test_rules_about_what_was_noted(rules: dict[str, Any], found: Findings, passed: bool, says: str) -> None:
    decision = judged(policy(**rules), found)
    assert decision.promote is passed
    (rule,) = decision.rules[1:]
    assert says in rule.figures


def test_what_is_off_is_not_listed() -> None:
    found = Findings(GATE | {"failures": ["much"]}, {"test in train": 1.0}, 0.0, 10**12)
    assert [rule.name for rule in judged(policy(), found).rules] == ["min_f1"]


def test_findings_are_read_as_the_stages_write_them(tmp_path: Any) -> None:
    assert read_findings(tmp_path, 5, None) == Findings(size=5)
    assert hash_records(tmp_path) is None
    write_json(tmp_path / "validate.json", GATE)
    write_json(tmp_path / "curate.json", {"leakage": {"test/a in train/b": {"documents": 3, "share": 0.5}}})
    before = hash_records(tmp_path)
    write_json(tmp_path / "review.json", {"acceptance": {"all": {"accepted": 3, "shown": 4, "rate": 0.75}}})
    assert read_findings(tmp_path, None, None) == Findings(GATE, {"test/a in train/b": 0.5}, 0.75)
    assert hash_records(tmp_path) not in {None, before}


@given(
    f1=st.integers(0, 100),
    difference=st.floats(-1, 1),
    p=st.floats(0, 1),
    rules=st.fixed_dictionaries({k: st.floats(0, 1) for k in ("min_gain", "min_f1", "floor_per_type")}),
)
def test_promotes_exactly_when_every_rule_passed(f1: int, difference: float, p: float, rules: dict[str, float]) -> None:
    decision = decide(
        policy(significance=0.05, **rules),
        scores(f1, types={"drug": Score(4, 4, 2)}),
        versus(difference, p),
        Findings(),
    )
    assert decision.promote == all(rule.passed for rule in decision.rules)
    if decision.promote:
        assert difference > 0
        assert f1 / 100 >= rules["min_f1"]
        assert p <= 0.05
