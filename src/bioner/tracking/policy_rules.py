"""The rules of the promotion policy, one function a rule: what was measured, what was asked for, passed or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bioner.config import Promotion
from bioner.evaluation.group_significance import GroupTest, holm
from bioner.evaluation.scores import SchemeScores, Score
from bioner.evaluation.significance import PairedTest
from bioner.tracking.policy_findings import Findings


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


def min_f1(policy: Promotion, challenger: SchemeScores) -> Rule:
    """The least F1, of the first champion too."""
    f1 = challenger.micro.f1
    if f1 is None:
        return Rule("min_f1", False, "the test documents hold no mention, so nothing was measured")
    return Rule(
        "min_f1", f1 >= policy.min_f1, f"{policy.metric} F1 {f1:.3f}, at least {policy.min_f1:.3f} is asked for"
    )


def floors(name: str, floor: float, groups: Mapping[str, Score]) -> list[Rule]:
    """One rule a group that the test documents hold; a floor of 0 asks for nothing and is not listed."""
    if floor == 0.0:
        return []
    measured = {key: score.f1 or 0.0 for key, score in sorted(groups.items()) if score.gold}
    return [
        Rule(name, f1 >= floor, f"{key}: F1 {f1:.3f}, at least {floor:.3f} is asked for")
        for key, f1 in measured.items()
    ]


def noted(policy: Promotion, findings: Findings) -> list[Rule]:
    """Rules about what was noted; one that asks for something that was not noted fails."""
    rules = []
    if findings.withdrawn is not None:
        rules.append(Rule("withdrawn", False, f"{findings.withdrawn}; only a person may promote it again"))
    if policy.validation:
        rules.append(_validation(findings.validation))
    if policy.max_leakage < 1.0:
        rules.append(_leakage(policy.max_leakage, findings.leakage))
    if policy.min_acceptance > 0.0:
        rules.append(_acceptance(policy.min_acceptance, findings.acceptance))
    if policy.max_megabytes is not None:
        rules.append(_size(policy.max_megabytes, findings.size))
    return rules


def _validation(record: Mapping[str, Any] | None) -> Rule:
    if record is None:
        return Rule("validation", False, "metrics/validate.json is not there: nothing judged the synthetic data")
    rows = f"{record['accepted']} of {record['documents']} rows accepted"
    failures = "; ".join(record["failures"])
    return Rule("validation", not failures, f"{rows}, {failures or 'the gate passed'}")


def _leakage(limit: float, shares: Mapping[str, float] | None) -> Rule:
    if shares is None:
        return Rule("max_leakage", False, "metrics/curate.json has no leakage: nothing was compared")
    pair, share = max(shares.items(), key=lambda item: item[1], default=("no pair of sets", 0.0))
    return Rule("max_leakage", share <= limit, f"{share:.1%} of {pair}, at most {limit:.1%} is asked for")


def _acceptance(least: float, share: float | None) -> Rule:
    if share is None:
        return Rule("min_acceptance", False, "metrics/review.json has no rate: nobody reviewed the teacher")
    return Rule("min_acceptance", share >= least, f"{share:.1%} accepted, at least {least:.1%} is asked for")


def _size(limit: float, size: int | None) -> Rule:
    if size is None:
        return Rule("max_megabytes", False, "the size of the model was not noted when it was registered")
    return Rule("max_megabytes", size <= limit * 1e6, f"{size / 1e6:.1f} MB, at most {limit:g} is asked for")


def gain(policy: Promotion, test: PairedTest) -> list[Rule]:
    """The gain over the champion, and how sure it is; a tie is no gain, whatever `min_gain` says."""
    asked = f"at least {policy.min_gain:.3f}" if policy.min_gain else "more than 0"
    champion = "no F1" if test.baseline is None else f"{test.baseline:.3f}"
    figures = f"{test.difference:+.3f} {policy.metric} F1 over the champion's {champion}, {asked} is asked for"
    rules = [Rule("min_gain", test.difference > 0 and test.difference >= policy.min_gain, figures)]
    if policy.significance < 1.0:
        figures = f"p = {test.p_one_sided:.3f} (one-sided), at most {policy.significance:.3f} is asked for"
        rules.append(Rule("significance", test.p_one_sided <= policy.significance, figures))
    return rules


def losses(policy: Promotion, types: Mapping[str, GroupTest]) -> list[Rule]:
    """One rule a type that the test documents hold: it must not be significantly worse than the champion's."""
    level = policy.type_significance
    if level == 1.0:
        return []
    held = {name: test for name, test in sorted(types.items()) if test.gold}
    corrected = holm({name: test.p_worse for name, test in held.items()})
    return [
        Rule(
            "type_significance",
            corrected[name] > level,
            f"{name}: {test.difference:+.3f} F1, p = {corrected[name]:.3f} that it is no worse"
            f" (of {len(held)} types, after Holm), more than {level:.3f} is asked for",
        )
        for name, test in held.items()
    ]
