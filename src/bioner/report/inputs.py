"""Inputs: what the page is made of, as the stages left it behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bioner.config import Corpus
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.evaluation.analysis import Analysis
from bioner.evaluation.scores import Scores
from bioner.report.charts import Point
from bioner.report.rivals import Rival


@dataclass(frozen=True, slots=True)
class Inputs:
    """Anything but `types` and `corpora` may be empty: the page then says so.

    Attributes:
        types: the entity types.
        corpora: the corpora of the params.
        metrics: the JSON object of each metrics file, by `stage` or `stage/item`; those of `evaluate` are left out.
        scores: model -> scores over all test documents.
        corpus_scores: model -> corpus -> scores over the test documents of the corpus.
        curves: training -> `(step, loss)`, ascending steps.
        gold: the pooled test documents, with ids `corpus/id`.
        predictions: model -> the same documents with its spans.
        analyses: model -> what its predictions show beyond its scores.
        rivals: model -> the champion of its registered model, for those that are put forward.
        quarantined: the rows of the quarantine; `None` where there is no such file.
        worst: documents shown for each model.
        examples: quarantined rows shown for each reason.
    """

    types: EntityTypes
    corpora: Mapping[str, Corpus]
    metrics: Mapping[str, Mapping[str, Any]]
    scores: Mapping[str, Scores]
    corpus_scores: Mapping[str, Mapping[str, Scores]]
    curves: Mapping[str, Sequence[Point]]
    gold: Sequence[Document]
    predictions: Mapping[str, Sequence[Document]]
    analyses: Mapping[str, Analysis]
    rivals: Mapping[str, Rival]
    quarantined: Sequence[Document] | None
    worst: int
    examples: int
