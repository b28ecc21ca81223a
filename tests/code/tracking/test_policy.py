"""The promotion policy: every rule alone, ties, and what its figures say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.config import Promotion
from bioner.evaluation.scores import Average, SchemeScores, Score
from bioner.evaluation.significance import PairedTest
from bioner.tracking.policy import decide

LAX = {
    "metric": "strict",
    "min_gain": 0.0,
    "significance": 1.0,
    "min_f1": 0.0,
    "floor_per_type": 0.0,
    "floor_per_language": 0.0,
}


def policy(**rules: float) -> Promotion:
    return Promotion.model_validate(LAX | rules)


def scores(right: int = 50, **groups: dict[str, Score]) -> SchemeScores:
    """Micro-F1 is right / 100."""
    return SchemeScores(Score(100, 100, right), Average(None), groups.get("types", {}), groups.get("languages", {}), {})


def versus(difference: float, p: float = 0.001, baseline: float | None = 0.5) -> PairedTest:
    return PairedTest("strict", 10, 1000, 0.95, baseline, 0.5, difference, (0.0, 0.0), p, p)


def test_first_champion_needs_min_f1_only_where_no_floor_is_set() -> None:
    assert decide(policy(min_f1=0.5), scores(50), None).promote
    assert not decide(policy(min_f1=0.51), scores(50), None).promote


def test_unmeasurable_f1_is_never_promoted() -> None:
    empty = SchemeScores(Score(0, 0, 0), Average(None), {}, {}, {})
    assert not decide(policy(), empty, None).promote


@pytest.mark.parametrize(("difference", "promoted"), [(-0.1, False), (0.0, False), (0.001, True)])
def test_tie_and_loss_are_no_gain(difference: float, promoted: bool) -> None:
    assert decide(policy(), scores(), versus(difference)).promote is promoted


@pytest.mark.parametrize(("difference", "promoted"), [(0.019, False), (0.02, True)])
def test_min_gain_is_inclusive(difference: float, promoted: bool) -> None:
    assert decide(policy(min_gain=0.02), scores(), versus(difference)).promote is promoted


@pytest.mark.parametrize(("p", "promoted"), [(0.05, True), (0.051, False)])
def test_significance_is_inclusive(p: float, promoted: bool) -> None:
    assert decide(policy(significance=0.05), scores(), versus(0.1, p)).promote is promoted


def test_significance_of_one_switches_the_test_off() -> None:
    decision = decide(policy(), scores(), versus(0.1, p=1.0))
    assert decision.promote
    assert "significance" not in [rule.name for rule in decision.rules]


def test_champion_without_any_f1_can_be_beaten() -> None:
    assert decide(policy(), scores(), versus(0.5, baseline=None)).promote


def test_floor_names_the_type_that_misses_it_and_skips_types_without_gold() -> None:
    types = {"drug": Score(10, 10, 9), "gene": Score(10, 10, 3), "organism": Score(0, 5, 0)}
    decision = decide(policy(floor_per_type=0.5), scores(types=types), None)
    assert not decision.promote
    assert [(rule.passed, rule.figures[:4]) for rule in decision.rules[1:]] == [(True, "drug"), (False, "gene")]


def test_floor_counts_a_language_in_which_nothing_was_found() -> None:
    languages = {"en": Score(10, 10, 9), "zh": Score(10, 0, 0)}
    assert not decide(policy(floor_per_language=0.1), scores(languages=languages), None).promote


@given(
    f1=st.integers(0, 100),
    difference=st.floats(-1, 1),
    p=st.floats(0, 1),
    rules=st.fixed_dictionaries({k: st.floats(0, 1) for k in ("min_gain", "min_f1", "floor_per_type")}),
)
def test_promotes_exactly_when_every_rule_passed(f1: int, difference: float, p: float, rules: dict[str, float]) -> None:
    decision = decide(
        policy(significance=0.05, **rules), scores(f1, types={"drug": Score(4, 4, 2)}), versus(difference, p)
    )
    assert decision.promote == all(rule.passed for rule in decision.rules)
    if decision.promote:
        assert difference > 0
        assert f1 / 100 >= rules["min_f1"]
        assert p <= 0.05
