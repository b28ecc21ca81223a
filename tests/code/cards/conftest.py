"""The facts of a card made by hand, with something of everything."""

from __future__ import annotations

from typing import Any

import pytest
from lineage_chain import chain

from bioner.cards.facts import Facts


def score(gold: int, predicted: int, right: int, interval: list[float] | None = None) -> dict[str, Any]:
    """A score as an evaluation writes it."""
    f1 = round(2 * right / (gold + predicted), 6)
    shares = {"precision": round(right / predicted, 6), "recall": round(right / gold, 6), "f1": f1}
    return {"gold": gold, "predicted": predicted, "right": right} | shares | {"interval": interval}


def evaluation() -> dict[str, Any]:
    """An evaluation of two languages and types."""
    groups = {
        "languages": {"en": score(6, 6, 4, [0.25, 0.875]), "zh": score(4, 3, 2)},
        "types": {"drug": score(7, 6, 5), "disease": score(3, 3, 1)},
        "shapes": {"flat": score(10, 9, 6)},
    }
    strict = {"micro": score(10, 9, 6, [0.375, 0.75]), "macro": {"f1": 0.5, "interval": None}, **groups}
    overlap = {**strict, "micro": score(10, 9, 8, [0.5, 0.9])}
    scores = {"documents": 12, "resamples": 100, "confidence": 0.95, "duplicates": {"gold": 0, "predicted": 0}}
    scores |= {"paired": 8, "errors": {"missed": 2, "wrong boundary": 1}, "schemes": {"strict": strict}}
    scores["schemes"]["overlap"] = overlap
    return {"summary": {}, "scores": scores, "corpora": {"a": scores}}


@pytest.fixture(scope="session")
def facts() -> Facts:
    """All that can be known."""
    types = {
        "drug": {"en": {"name": "medicine", "definition": "what is given"}},
        "disease": {"en": {"name": "disease"}},
        "gene": {"en": {"name": "gene"}},
    }
    manifest = {"family": "gliner", "threshold": 0.35, "overlap": "nested", "max_words": 100, "max_types": 25}
    return Facts(
        chain=chain(),
        name="bioner-gliner",
        number="3",
        family="gliner",
        base="hf:some-org/some-encoder",
        base_licence="mit",
        manifest=manifest | {"types": types},
        config={"max_width": 16, "span_mode": "markerV0"},
        params={"corpora": {"a": {"splits": {"train": "t", "test": "e"}, "dev_fraction": 0.1, "demonstration": True}}},
        evaluation=evaluation(),
        synthetic=True,
        teacher={"backend": "endpoint", "model": "a-model", "prompt": "9r0m", "sampling": {"samples": 5}},
        validation={"documents": 23, "accepted": 20, "quarantined": 3, "reasons": {"score": 3}, "passed": True},
        review={"confidence": 0.95, "acceptance": {"all": {"rate": 0.8, "shown": 50, "interval": [0.67, 0.89]}}},
        decision="promoted to champion over version 2",
        rules=({"name": "min_f1", "passed": True, "figures": "strict F1 0.632, at least 0.05"},),
        size=114385107,
        speed={"documents_per_second": 12.5, "words_per_second": 310.0},
        lock="10c4",
        commit="c0ffee",
        state="clean",
        evidence="evidence/fd73",
    )
