"""The gate: rows are judged and parted, then the batch as a whole, and what failed is named with its limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bioner.config import Validate
from bioner.documents import Document
from bioner.validation.judge import Outcome, judge_batch, judge_rows
from bioner.validation.quarantine import part
from bioner.validation.rows import frame
from bioner.validation.suites import ACCEPTED, DENSITY, QUARANTINED, TYPES, batch_rules, row_rules
from bioner.words import Words


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a validation.

    Attributes:
        accepted: the documents that met every rule of a row.
        quarantined: the others, with their reasons in `meta`.
        rows: the outcome of each rule of a row.
        batch: the outcome of each rule of the batch.
        without_gold: languages of the documents whose density could not be compared: no gold data has entities in them.
    """

    accepted: list[Document]
    quarantined: list[Document]
    rows: list[Outcome]
    batch: list[Outcome]
    without_gold: list[str]

    @property
    def failures(self) -> list[str]:
        """What the gate refuses the batch for, in words: a rule it broke, or one that evaluated nothing."""
        return [_unevaluated(outcome) for outcome in self.rows if not outcome.evaluated] + [
            f"{outcome.rule.name} is {outcome.observed:g} ({outcome.rule.limits})"
            if outcome.observed is not None
            else _unevaluated(outcome)
            for outcome in self.batch
            if not outcome.success
        ]

    def to_record(self) -> dict[str, Any]:
        """The verdict in figures, as a JSON object."""
        return {
            "documents": len(self.accepted) + len(self.quarantined),
            "accepted": len(self.accepted),
            "quarantined": len(self.quarantined),
            "reasons": {outcome.rule.name: len(outcome.broken_by) for outcome in self.rows},
            "passed": not self.failures,
            "failures": self.failures,
            "rows": {outcome.rule.name: outcome.to_record() for outcome in self.rows},
            "batch": {outcome.rule.name: outcome.to_record() for outcome in self.batch},
            "languages_without_gold": self.without_gold,
        }


def _unevaluated(outcome: Outcome) -> str:
    return f"{outcome.rule.name} evaluated nothing: there was no {outcome.rule.column} to judge"


def validate(
    documents: Sequence[Document], gold: Sequence[Document], labels: Sequence[str], limits: Validate
) -> Verdict:
    """Judge synthetic annotations.

    Args:
        documents: what the teacher annotated.
        gold: the training data of people, whose density of entities is the measure.
        labels: the vocabulary.
        limits: of the params.
    """
    rows = judge_rows(frame(documents, labels), row_rules(limits))
    accepted, quarantined = part(documents, rows)
    languages, figures = batch_figures(documents, accepted, gold, labels)
    batch = judge_batch(figures, batch_rules(limits, languages))
    without_gold = sorted({document.language for document in documents} - set(languages))
    return Verdict(accepted, quarantined, rows, batch, without_gold)


def batch_figures(
    documents: Sequence[Document], accepted: Sequence[Document], gold: Sequence[Document], labels: Sequence[str]
) -> tuple[list[str], dict[str, float]]:
    """The languages that have gold entities to compare with, and the figures of a batch.

    Figures: the number of accepted rows; the share that is quarantined; the share of the types that occur in
    accepted rows; per language the density (entities per word) of accepted rows over that of the gold data. Without
    any language to compare, one ratio that is not a number, so that the gate does not pass for want of a measure.
    """
    occurring = {span.label for document in accepted for span in document.spans}
    reference = {language: density(gold, language) for language in sorted({d.language for d in documents})}
    ratios = {language: density(accepted, language) / measure for language, measure in reference.items() if measure}
    figures = {
        ACCEPTED: float(len(accepted)),
        QUARANTINED: 1 - len(accepted) / len(documents) if documents else 0.0,
        TYPES: len(occurring & set(labels)) / len(labels),
    }
    figures |= {f"{DENSITY}_{language}": ratio for language, ratio in ratios.items()} or {DENSITY: math.nan}
    return list(ratios), figures


def density(documents: Sequence[Document], language: str) -> float:
    """Entities per word in the documents of a language; 0 where there is no word."""
    chosen = [document for document in documents if document.language == language]
    words = sum(len(Words.of(document.text)) for document in chosen)
    return sum(len(document.spans) for document in chosen) / words if words else 0.0
