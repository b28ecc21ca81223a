"""The metric as a module of Hugging Face `evaluate`: `evaluate.load(path of this file)`, or `load_metric`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from bioner.documents import Document
from bioner.evaluation.score import score_documents

_DESCRIPTION = """
Scores of named entity recognition for nested and discontinuous mentions: strict, boundary, overlap and type within
overlap, by optimal one-to-one matching, with intervals by bootstrap over documents.
"""

_INPUTS = """
Args:
    predictions: documents with the predicted spans, each as a line of a document file (JSON).
    references: the same documents with the expected spans; documents are paired by id.
    resamples, confidence, seed: of the bootstrap.
    modes: the schemes; `overlap_greedy` is for comparison with published tables of GLiNER-BioMed.
Returns:
    the record of `bioner.evaluation.scores.Scores`.
"""


class NerMetric(evaluate.Metric):  # type: ignore[misc]
    """Adapter between `evaluate`, which keeps its input in Arrow tables, and `score_documents`."""

    def _info(self) -> evaluate.MetricInfo:
        line = datasets.Value("string")
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": line, "references": line}),
        )

    def _compute(self, predictions: Sequence[str], references: Sequence[str], **options: Any) -> dict[str, Any]:
        gold, predicted = (
            [Document.from_record(json.loads(line)) for line in lines] for lines in (references, predictions)
        )
        return score_documents(gold, predicted, **options).to_record()
