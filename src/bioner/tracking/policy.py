"""The promotion policy: which rules a challenger has to meet to become champion, and how it met them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bioner.config import Promotion
from bioner.evaluation.scores import SchemeScores, Score
from bioner.evaluation.significance import PairedTest


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the policy, applied.

    Attributes:
        name: the key of `promotion` in the params that the rule comes from.
        passed: whether the challenger meets it.
        figures: what was measured and what was asked for, in words.
    """

    name: str
    passed: bool
    figures: str

    def __str__(self) -> str:
        return f"{self.name}: {'passed' if self.passed else 'FAILED'}: {self.figures}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says, and why.

    Attributes:
        promote: whether every rule passed.
        rules: every rule with its figures, those that passed too.
    """

    promote: bool
    rules: tuple[Rule, ...]

    def to_record(self) -> dict[str, Any]:
        """The decision as a JSON object."""
        return {"promote": self.promote, "rules": [asdict(rule) for rule in self.rules]}


def decide(policy: Promotion, challenger: SchemeScores, test: PairedTest | None) -> Decision:
    """Apply every rule of the policy.

    Args:
        policy: the section `promotion` of the params.
        challenger: scores of the challenger in the scheme that the policy names.
        test: the challenger against the champion on the same documents; `None` if there is no champion yet.
    """
    rules = [_min_f1(policy, challenger)]
    rules += _floors("floor_per_type", policy.floor_per_type, challenger.types)
    rules += _floors("floor_per_language", policy.floor_per_language, challenger.languages)
    if test is not None:
        rules += _gain(policy, test)
    return Decision(all(rule.passed for rule in rules), tuple(rules))


def _min_f1(policy: Promotion, challenger: SchemeScores) -> Rule:
    f1 = challenger.micro.f1
    if f1 is None:
        return Rule("min_f1", False, "the test documents hold no mention, so nothing was measured")
    return Rule(
        "min_f1", f1 >= policy.min_f1, f"{policy.metric} F1 {f1:.3f}, at least {policy.min_f1:.3f} is asked for"
    )


def _floors(name: str, floor: float, groups: Mapping[str, Score]) -> list[Rule]:
    """One rule a type or language that the test documents hold; a floor of 0 asks for nothing and is not listed."""
    if floor == 0.0:
        return []
    measured = {key: score.f1 or 0.0 for key, score in sorted(groups.items()) if score.gold}
    return [
        Rule(name, f1 >= floor, f"{key}: F1 {f1:.3f}, at least {floor:.3f} is asked for")
        for key, f1 in measured.items()
    ]


def _gain(policy: Promotion, test: PairedTest) -> list[Rule]:
    """A tie is no gain, whatever `min_gain` says."""
    asked = f"at least {policy.min_gain:.3f}" if policy.min_gain else "more than 0"
    champion = "no F1" if test.baseline is None else f"{test.baseline:.3f}"
    figures = f"{test.difference:+.3f} {policy.metric} F1 over the champion's {champion}, {asked} is asked for"
    rules = [Rule("min_gain", test.difference > 0 and test.difference >= policy.min_gain, figures)]
    if policy.significance < 1.0:
        figures = f"p = {test.p_one_sided:.3f} (one-sided), at most {policy.significance:.3f} is asked for"
        rules.append(Rule("significance", test.p_one_sided <= policy.significance, figures))
    return rules
