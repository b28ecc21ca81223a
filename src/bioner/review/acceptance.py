"""Acceptance: how many of the teacher's spans people left as they are, of each type, with an interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bioner.review.corrections import Corrected, Corrections
from bioner.review.label_studio import can_show

_CONFIDENCE = 0.95
ALL = "all"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The acceptance of spans of one type, or of all.

    Attributes:
        accepted: spans of the teacher that people left as they are, extent and type.
        shown: spans of the teacher that people were shown.
        added: spans that people marked and the teacher had not; a moved boundary counts here, too.
    """

    accepted: int
    shown: int
    added: int

    @property
    def rate(self) -> float | None:
        """The share that was accepted: the precision of the teacher, as people see it."""
        return round(self.accepted / self.shown, 6) if self.shown else None

    def interval(self) -> tuple[float, float] | None:
        """The Wilson score interval of the rate at 95 % (Wilson 1927; recommended by Brown, Cai and DasGupta 2001).

        It takes spans for independent draws. Spans of one document are alike, so that it is somewhat too narrow.
        """
        if not self.shown:
            return None
        from scipy.stats import binomtest

        found = binomtest(self.accepted, self.shown).proportion_ci(_CONFIDENCE, method="wilson")
        return round(float(found.low), 6), round(float(found.high), 6)

    def to_record(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        between = self.interval()
        figures = {"accepted": self.accepted, "shown": self.shown, "added": self.added, "rate": self.rate}
        return figures | {"interval": None if between is None else list(between)}


def figures(corrections: Corrections, keys: Sequence[str]) -> dict[str, Any]:
    """The figures of a review, as a JSON object."""
    rates = {key: found.to_record() for key, found in acceptance(corrections.documents, keys).items()}
    return {"documents": corrections.to_record(), "confidence": _CONFIDENCE, "acceptance": rates}


def acceptance(documents: Sequence[Corrected], keys: Sequence[str]) -> dict[str, Acceptance]:
    """The acceptance of each type, and of all, in the random sample.

    The least certain documents are left out: they were chosen for being wrong. So are those whose annotations are not
    the ones that people were shown.
    """
    shown: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    added: Counter[str] = Counter()
    for one in documents:
        if one.random and one.as_shown:
            before, after = (
                {(span.fragments, span.label) for span in document.spans if can_show(span, keys)}
                for document in (one.before, one.after)
            )
            shown.update(label for _, label in before)
            accepted.update(label for _, label in before & after)
            added.update(label for _, label in after - before)
    per_type = {key: Acceptance(accepted[key], shown[key], added[key]) for key in keys}
    return {ALL: Acceptance(accepted.total(), shown.total(), added.total())} | per_type
