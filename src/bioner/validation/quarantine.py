"""The quarantine: rows that break a rule are set apart, each with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bioner.documents import Document
from bioner.validation.judge import Outcome

REASONS = "reasons"  # in `meta` of a quarantined document: the names of the rules it broke


def part(documents: Sequence[Document], outcomes: Sequence[Outcome]) -> tuple[list[Document], list[Document]]:
    """The documents that meet every rule, and the others with their reasons, both in the order given."""
    reasons: dict[int, list[str]] = {}
    for outcome in outcomes:
        for position in outcome.broken_by:
            reasons.setdefault(position, []).append(outcome.rule.name)
    accepted = [document for position, document in enumerate(documents) if position not in reasons]
    quarantined = [
        replace(documents[position], meta={**documents[position].meta, REASONS: reasons[position]})
        for position in sorted(reasons)
    ]
    return accepted, quarantined
