"""What the stages that judge models have in common: predictions for bare texts, the main figures, and the speed."""

from __future__ import annotations

from collections.abc import Sequence

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.evaluation.scores import Scores
from bioner.predictors import Predictor
from bioner.progress import track
from bioner.words import Words


def predict(
    predictor: Predictor, documents: Sequence[Document], types: EntityTypes, batch_size: int, name: str
) -> list[Document]:
    """The documents as a model annotates them, without having seen their annotations; `name` is that of the set."""
    bare = [document.with_spans(()) for document in documents]
    return list(track(predictor.predict(bare, types, batch_size=batch_size), f"predict {name}", len(documents)))


def main_figures(scores: Scores) -> dict[str, float]:
    """Micro-F1 of the two main schemes with both ends of the interval, where they are defined."""
    figures: dict[str, float] = {}
    for scheme in ("strict", "overlap"):
        score = scores.schemes[scheme].micro
        if score.f1 is not None and score.interval is not None:
            low, high = score.interval
            figures |= {f"{scheme}_f1": score.f1, f"{scheme}_f1_low": low, f"{scheme}_f1_high": high}
    return figures


def speed(documents: Sequence[Document], seconds: float) -> dict[str, float]:
    """Documents and words that were annotated in a second."""
    words = sum(len(Words.of(document.text)) for document in documents)
    return {"documents_per_second": len(documents) / seconds, "words_per_second": words / seconds}
