"""The analysis of one model: what its errors have in common, and how far its scores can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioner.documents import Document
from bioner.evaluation.boundary_errors import BoundaryError, boundary_errors
from bioner.evaluation.confusion import Confused, confusion
from bioner.evaluation.counts import cases
from bioner.evaluation.error_analysis import Error, errors_of
from bioner.evaluation.frequent_errors import FrequentError, most_missed, most_spurious
from bioner.evaluation.nested_errors import Nest, nested_errors
from bioner.evaluation.pairing import pair_documents
from bioner.evaluation.reliability import Reliability, reliability
from bioner.evaluation.scored import scored_predictions
from bioner.evaluation.threshold_curve import ThresholdPoint, threshold_curve


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that the report, the plots and the tracked run tell of a model beyond its scores.

    Attributes:
        errors: every error, by document and position.
        confusion: type of a gold mention, type of its prediction -> how often.
        boundaries: the ends of mentions that were found elsewhere.
        nested: what became of each pair of nested gold mentions.
        missed: the words that were missed most often.
        spurious: the words that were found most often where nothing is.
        curve: precision, recall and F1 over the threshold; empty if predictions have no scores.
        reliability: scores against how often they are right; `None` likewise.
    """

    errors: Sequence[Error]
    confusion: Mapping[Confused, int]
    boundaries: Sequence[BoundaryError]
    nested: Mapping[Nest, int]
    missed: Sequence[FrequentError]
    spurious: Sequence[FrequentError]
    curve: Sequence[ThresholdPoint]
    reliability: Reliability | None

    def figures(self) -> dict[str, float]:
        """The analysis as single figures: errors by kind, ends and nested pairs by what went wrong, calibration."""
        counts: Counter[str] = Counter(f"errors/{error.kind}" for error in self.errors)
        counts.update(f"boundary/{one.shift.replace(',', '')}" for one in self.boundaries)
        for (_, _, outcome), count in self.nested.items():
            counts[f"nested/{outcome}"] += count
        calibration = {"calibration_error": self.reliability.error} if self.reliability else {}
        return {name: float(count) for name, count in sorted(counts.items())} | calibration


def analyse(gold: Sequence[Document], predicted: Sequence[Document], frequent: int = 10) -> Analysis:
    """Analyse the predictions of a model.

    Args:
        gold: the documents with the expected spans.
        predicted: the same documents with the predicted spans.
        frequent: how many of the most frequent errors to keep.

    Raises:
        DataError: the documents do not fit together (see `pair_documents`).
    """
    documents = cases(pair_documents(gold, predicted), "strict")
    errors = errors_of(documents)
    texts = {document.id: (document.text, document.language) for document in gold}
    scored = scored_predictions(documents)
    return Analysis(
        errors=errors,
        confusion=confusion(documents, errors),
        boundaries=boundary_errors(errors, texts),
        nested=nested_errors(documents),
        missed=most_missed(documents, errors, texts, frequent),
        spurious=most_spurious(documents, errors, texts, frequent),
        curve=threshold_curve(scored) if scored else [],
        reliability=reliability(scored) if scored else None,
    )
