"""The result of a set as JSON values: what was judged, what was left out, and every system's scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bioner.config import Params, SuiteSet
from bioner.documents import Document
from bioner.evaluation.facets import LENGTHS, Shown, familiarity
from bioner.evaluation.score import score_documents
from bioner.evaluation.scores import Scores
from bioner.suite.label_map import fingerprint, gold_of, mapped
from bioner.suite.training import Training


@dataclass(frozen=True, slots=True)
class Gold:
    """What a set is judged on.

    Attributes:
        documents: with the types that are judged.
        labels: label of the file that stands for no type -> how often it was left out.
        leaked: documents that occur in what the models were trained on.
        left_out: how many of these are not judged: all of them, unless the corpus itself was in training.
    """

    documents: list[Document]
    labels: Mapping[str, int]
    leaked: int
    left_out: int

    @classmethod
    def of(
        cls, documents: Sequence[Document], part: SuiteSet, leaked: Collection[str], trained: bool, file: str
    ) -> Gold:
        """The documents of a set as they are judged.

        Args:
            leaked: the ids of those that occur in training.
            trained: whether the corpus of the set was in training: its published test set then stays whole.
            file: for errors.

        Raises:
            DataError: no label of the map occurs in them.
        """
        kept = [document for document in documents if trained or document.id not in leaked]
        found, left = gold_of(kept, part.labels, file)
        return cls(found, left, len(leaked), len(documents) - len(kept))


@dataclass(frozen=True, slots=True)
class Judged:
    """What one system gave for a set, scored.

    Attributes:
        scores: against the gold documents, in all schemes.
        labels: type or label that stands for no judged type -> how many predictions were left out.
        more: what else is to be known of the system.
    """

    scores: Scores
    labels: Mapping[str, int]
    more: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        gold: Gold,
        predicted: Sequence[Document],
        by_label: Mapping[str, str],
        params: Params,
        *,
        shown: Collection[Shown] | None = None,
        more: Mapping[str, Any],
    ) -> Judged:
        """Score predictions.

        Args:
            by_label: label of the predictions -> type.
            shown: the mentions that the system was trained on; `None` if nobody knows.
        """
        found, left = mapped(predicted, by_label)
        scores = score_documents(
            gold.documents,
            found,
            resamples=params.evaluate.resamples,
            confidence=params.evaluate.confidence,
            seed=params.seed,
            facets=(LENGTHS,) if shown is None else (LENGTHS, familiarity(shown)),
        )
        return cls(scores, left, more)

    def to_record(self) -> dict[str, Any]:
        """The system as a JSON object."""
        return {**self.more, "labels_left_out": dict(self.labels), "scores": self.scores.to_record()}


def model_facts(part: SuiteSet, training: Training) -> dict[str, Any]:
    """What is to be known of a model: what it learnt from, and whether the corpus of the set is another one."""
    return {"kind": "model", "cross_corpus": part.corpus not in training.corpora, "trained_on": training.to_record()}


def to_record(part: SuiteSet, gold: Gold, systems: Mapping[str, Judged]) -> dict[str, Any]:
    """The metrics file of a set."""
    f1 = {
        f"{name} {scheme} F1": judged.scores.schemes[scheme].micro.f1
        for name, judged in systems.items()
        for scheme in ("strict", "overlap")
    }
    return {
        "summary": {name: round(value, 6) for name, value in f1.items() if value is not None},
        "corpus": part.corpus,
        "language": part.language,
        "protocol": part.protocol,
        "k": part.k,
        "documents": len(gold.documents),
        "mentions": sum(len(document.spans) for document in gold.documents),
        "label_map": {
            "name": part.labels.name,
            "sha256": fingerprint(part.labels),
            "types": {key: list(labels) for key, labels in part.labels.types.items()},
        },
        "labels_left_out": dict(gold.labels),
        "in_training": {"documents": gold.leaked, "left_out": gold.left_out},
        "systems": {name: judged.to_record() for name, judged in systems.items()},
    }
