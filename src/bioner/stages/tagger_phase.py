"""What the stages of the tagger and of its selector have in common: the dev sample, and the figures of a training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bioner.documents import Document
from bioner.seeds import derive, generator
from bioner.stages.context import Context, read_corpora

if TYPE_CHECKING:
    from bioner.evaluation.calibration import Counts
    from bioner.tagger.fit import Fit
    from bioner.tagger.predictor import TaggerPredictor

_AVERAGED = 20  # steps behind the two losses in the metrics


@dataclass(frozen=True, slots=True)
class DevSample:
    """Some dev documents of all corpora: decoding all of them could take longer than the training."""

    documents: Sequence[Document]

    @classmethod
    def read(cls, limit: int, seed: int) -> DevSample:
        """A sample of at most `limit` documents; both stages draw the same.

        Raises:
            DataError: no corpus has a dev document.
        """
        from bioner.evaluation.pairing import pool

        documents = list(pool(read_corpora("dev")))
        generator(seed, "tagger", "dev").shuffle(documents)
        return cls(documents[:limit])

    def predict(self, predictor: TaggerPredictor) -> list[Document]:
        """The documents as the predictor annotates them, not having seen their annotations."""
        return list(predictor.predict([document.with_spans(()) for document in self.documents]))

    def counts(self, predicted: Sequence[Document]) -> Counts:
        """Strict counts (documents, 3) of gold spans, predicted ones and right ones; the documents by their ids."""
        from bioner.evaluation.counts import cases, tally_micro
        from bioner.evaluation.pairing import pair_documents

        return tally_micro(cases(pair_documents(self.documents, predicted), "strict"), "strict")

    def scores(self, predicted: Sequence[Document]) -> dict[str, float]:
        """Strict precision, recall and F1; 0 where one is not defined."""
        from bioner.evaluation.score import score_documents

        micro = score_documents(self.documents, predicted, resamples=1, modes=("strict",)).schemes["strict"].micro
        values = {"precision": micro.precision, "recall": micro.recall, "f1": micro.f1}
        return {name: round(value or 0.0, 6) for name, value in values.items()}


def seed_stage(context: Context) -> int:
    """Seed torch for a stage, and return the seed of its batches."""
    from bioner.seeds import seed_torch

    seed_torch(derive(context.params.seed, context.name, "torch"), context.params.threads)
    return seed_of_batches(context, context.name)


def seed_of_batches(context: Context, stage: str) -> int:
    """The seed of the batches of a stage."""
    return derive(context.params.seed, stage, "batches")


def training_figures(fitted: Fit, train: Sequence[Document], dev: DevSample) -> dict[str, Any]:
    """What a training leaves in its metrics file."""
    losses = [point.loss for point in fitted.curve]
    ends = {"first": losses[:_AVERAGED], "last": losses[-_AVERAGED:]}
    return {
        "documents": _by_language(train),
        "dev_documents": _by_language(dev.documents),
        "examples": len(fitted.examples.windows),
        "spans": fitted.examples.spans,
        "spans_lost": dict(fitted.examples.lost),
        "steps": len(losses),
        "loss": {name: round(sum(part) / len(part), 6) for name, part in ends.items()},
    }


def _by_language(documents: Sequence[Document]) -> dict[str, int]:
    return dict(sorted(Counter(document.language for document in documents).items()))
