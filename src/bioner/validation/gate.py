"""The gate: rows are judged and parted, then the batch as a whole, and what failed is named with its limits."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bioner.config import Validate
from bioner.curation.compare import Comparison
from bioner.documents import Document
from bioner.free_labels import is_free
from bioner.validation.figures import DENSITY, against_gold, shares
from bioner.validation.judge import Judged, Outcome, judge
from bioner.validation.leaks import judged_texts
from bioner.validation.quarantine import part
from bioner.validation.rows import frame
from bioner.validation.suites import ANNOTATIONS, BATCH, DOCUMENTS, annotation_rules, batch_rules, document_rules, names


@dataclass(frozen=True, slots=True)
class Reference:
    """What a batch is held against.

    Attributes:
        labels: the vocabulary.
        languages: those that the entity types have names in.
        requested: the ids of the texts that were to be annotated.
        gold: the training data of people, the measure of density, mix of labels and length.
        judged: split -> the documents that models are judged on, of which no text may occur.
        comparison: from when a text counts as shared with one of those.
    """

    labels: Sequence[str]
    languages: Collection[str]
    requested: Collection[str]
    gold: Sequence[Document]
    judged: Mapping[str, Sequence[Document]]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a validation.

    Attributes:
        accepted: the documents that met every rule of a row.
        quarantined: the others, with their reasons in `meta`.
        row_suites: what came of the suites that judge rows.
        batch_suite: what came of the suite that judges the batch.
        without_gold: languages of the documents whose density could not be compared: no gold data has entities in them.
    """

    accepted: list[Document]
    quarantined: list[Document]
    row_suites: tuple[Judged, ...]
    batch_suite: Judged
    without_gold: list[str]

    @property
    def rows(self) -> list[Outcome]:
        """The outcome of each rule of a row."""
        return [outcome for suite in self.row_suites for outcome in suite.outcomes]

    @property
    def batch(self) -> Sequence[Outcome]:
        """The outcome of each rule of the batch."""
        return self.batch_suite.outcomes

    @property
    def suites(self) -> tuple[Judged, ...]:
        """What came of all suites."""
        return (*self.row_suites, self.batch_suite)

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


def validate(documents: Sequence[Document], reference: Reference, limits: Validate) -> Verdict:
    """Judge synthetic annotations.

    Args:
        documents: what the teacher annotated.
        reference: what they are held against.
        limits: of the params.
    """
    rows = judge_rows(documents, reference, limits)
    accepted, quarantined = part(documents, [outcome for suite in rows for outcome in suite.outcomes])
    free = bool(documents) and all(map(is_free, documents))
    languages = set() if free else {document.language for document in documents}
    compared = {} if free else against_gold(languages, accepted, reference.gold)
    figures = shares(documents, accepted, reference.labels, reference.requested)
    for figure, values in compared.items():
        figures |= dict(zip(names(figure, compared), values.values() or [math.nan], strict=True))
    without_gold = sorted(languages - set(compared.get(DENSITY, ())))
    return Verdict(accepted, quarantined, rows, _batch(figures, limits, compared), without_gold)


def judge_rows(documents: Sequence[Document], reference: Reference, limits: Validate) -> tuple[Judged, Judged]:
    """Judge every document by itself: what is said of it, and its annotations."""
    table = frame(documents, reference.labels, limits.identifiers)
    table["judged_texts"] = judged_texts(documents, reference.judged, reference.comparison)
    return (
        judge(DOCUMENTS, table, document_rules(limits, reference.languages)),
        judge(ANNOTATIONS, table, annotation_rules(limits)),
    )


def _batch(figures: Mapping[str, float], limits: Validate, compared: Mapping[str, Collection[str]]) -> Judged:
    import pandas as pd

    return judge(BATCH, pd.DataFrame([figures]), batch_rules(limits, compared))
