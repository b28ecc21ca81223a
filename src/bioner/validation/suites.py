"""The suites: which rules a row and a batch of synthetic annotations have to meet, with the limits of `params.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bioner.config import Validate

QUARANTINED, ACCEPTED, TYPES, DENSITY = "quarantined_share", "accepted_rows", "types_occurring", "density_ratio"


@dataclass(frozen=True, slots=True)
class Rule:
    """A figure and its limits, both inclusive.

    Attributes:
        name: of the rule; the reason that a row which breaks it is quarantined for.
        column: the figure that is judged.
        low: its least value, if it has one.
        high: its greatest value, if it has one.
    """

    name: str
    column: str
    low: float | None = None
    high: float | None = None

    @property
    def limits(self) -> str:
        """The limits in words."""
        if self.low is None:
            return f"at most {self.high:g}"
        return f"at least {self.low:g}" if self.high is None else f"{self.low:g} to {self.high:g}"


def row_rules(limits: Validate) -> tuple[Rule, ...]:
    """The rules of a row, on the columns of `bioner.validation.rows.frame`."""
    return (
        Rule("offsets", "invalid_spans", high=0),
        Rule("boundaries", "off_words", high=0),
        Rule("mention", "without_letters", high=0),
        Rule("repeated", "repeated", high=0),
        Rule("label", "unknown_labels", high=0),
        Rule("density", "density", high=limits.max_spans_per_word),
        Rule("duplicate", "earlier_copies", high=0),
        Rule("agreement", "mean_score", low=limits.min_score),
        Rule("language", "script_share", low=limits.min_script_share),
    )


def batch_rules(limits: Validate, languages: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of a batch, on the figures of `bioner.validation.gate.batch_figures`.

    Args:
        limits: of the params.
        languages: those that have gold data to compare the density with.
    """
    low, high = limits.density_ratio
    names = [f"{DENSITY}_{language}" for language in languages] or [DENSITY]
    return (
        Rule(ACCEPTED, ACCEPTED, low=limits.min_rows),
        Rule(QUARANTINED, QUARANTINED, high=limits.max_quarantined),
        Rule(TYPES, TYPES, low=limits.min_types),
        *(Rule(name, name, low=low, high=high) for name in names),
    )
