"""The promotion policy: its rules applied to a challenger, and what follows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bioner.config import Promotion
from bioner.evaluation.group_significance import GroupTest
from bioner.evaluation.scores import SchemeScores
from bioner.evaluation.significance import PairedTest
from bioner.tracking.policy_findings import Findings
from bioner.tracking.policy_rules import Rule, floors, gain, losses, min_f1, noted

_PER_TYPE = 10  # resamples: the least p-value a bootstrap can give, corrected for the types, is a tenth of the level


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


@dataclass(frozen=True, slots=True)
class Versus:
    """The challenger against the champion on the same documents.

    Attributes:
        overall: over all mentions.
        types: in each type; not needed where the policy does not test types.
    """

    overall: PairedTest
    types: Mapping[str, GroupTest]


def decide(policy: Promotion, challenger: SchemeScores, versus: Versus | None, findings: Findings) -> Decision:
    """Apply every rule of the policy.

    Args:
        policy: the section `promotion` of the params.
        challenger: scores of the challenger in the scheme that the policy names.
        versus: the challenger against the champion; `None` if there is no champion yet.
        findings: what else was noted about it.
    """
    rules = [min_f1(policy, challenger)]
    rules += floors("floor_per_type", policy.floor_per_type, challenger.types)
    rules += floors("floor_per_language", policy.floor_per_language, challenger.languages)
    rules += floors("floor_per_nesting", policy.floor_per_nesting, challenger.shapes)
    rules += noted(policy, findings)
    if versus is not None:
        rules += gain(policy, versus.overall)
        rules += losses(policy, versus.types)
    return Decision(all(rule.passed for rule in rules), tuple(rules))


def resamples_for(types: int, level: float, least: int) -> int:
    """How many resamples a test in so many types needs at the least, so that its correction leaves it a chance."""
    return max(least, math.ceil(_PER_TYPE * types / level))
