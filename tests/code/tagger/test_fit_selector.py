"""The selector learns from what taggers found out of fold, if that is given, and from that alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_lm import sentence

from bioner.config import Selector
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.seeds import seed_torch
from bioner.tagger.claims import Attempt
from bioner.tagger.contrast import ClaimSchedule
from bioner.tagger.examples import limits_of, make_examples
from bioner.tagger.fit import Fit, fit_selector
from bioner.tagger.model import TaggerModel, add_selector, open_base
from bioner.tagger.network import Lora
from bioner.training import Plan

LORA = Lora(rank=4, alpha=8, dropout=0.0, layers=2)
TYPES = EntityTypes.of_words(["disease", "drug"])
DOCUMENTS = [
    sentence(1, "Patients with acute asthma.", "en", ("acute asthma", "disease")),
    sentence(2, "Low dose aspirin for asthma.", "en", ("aspirin", "drug"), ("asthma", "disease")),
    sentence(3, "The dose was low.", "en"),
]
JUDGING = Selector(steps=40, batch_size=3, learning_rate=0.01, warmup=0.1, negatives=2, dev_documents=1)


def new_model(base: Path) -> TaggerModel:
    """A model with a selector that is random, so that its answers differ from span to span."""
    seed_torch(3, 1)
    model = open_base(f"path:{base}", LORA)
    for parameter in model.network.trainable():
        torch.nn.init.normal_(parameter, std=0.3)
    add_selector(model, LORA)
    return model


def attempts(model: TaggerModel) -> list[Attempt]:
    windows = make_examples(DOCUMENTS, TYPES.keys, model.prompts.pieces, limits_of(50)).windows
    found = ((("disease", (3, 3)),), (("drug", (0, 2)),), (("disease", (0, 1)),))
    return [
        Attempt(window.language, window.words, window.mentions, mentions)
        for window, mentions in zip(windows, found, strict=True)
    ]


def fit(model: TaggerModel, settings: Selector, given: list[Attempt], checkpoint: Path) -> Fit:
    plan = Plan(settings.steps, settings.warmup, checkpoint, "")
    return fit_selector(model, DOCUMENTS, TYPES, settings, 50, plan=plan, seed=5, description="test", attempts=given)


def test_the_sentences_that_show_errors_are_learnt_from_alone(tiny_base: Path, tmp_path: Path) -> None:
    model = new_model(tiny_base)
    given = attempts(model)[1:]
    fitted = fit(model, JUDGING, given, tmp_path / "a.pt")
    assert fitted.examples.windows == tuple(given)
    losses = [point.loss for point in fitted.curve]
    assert sum(losses[-5:]) < sum(losses[:5])
    (wrong,) = [
        claim for _, claims in ClaimSchedule(tuple(given), 3, 2, 5).at(0) for claim in claims if claim.rival < 0
    ]
    assert wrong.extent == (0, 1)  # of the sentence without a gold span, which is learnt from too


def test_the_weight_of_the_ranking_reaches_the_loss(tiny_base: Path, tmp_path: Path) -> None:
    settings = [JUDGING.model_copy(update={"steps": 1, "ranking": weight}) for weight in (0.0, 1.0, 2.0)]
    plain, once, twice = (
        fit(model, own, attempts(model), tmp_path / f"{number}.pt").curve[0].loss
        for number, own in enumerate(settings)
        for model in [new_model(tiny_base)]
    )
    assert once > plain
    assert twice - plain == pytest.approx(2 * (once - plain), rel=1e-3)


def test_sentences_without_a_gold_span_teach_nothing(tiny_base: Path, tmp_path: Path) -> None:
    model = new_model(tiny_base)
    with pytest.raises(DataError, match="own errors"):
        fit(model, JUDGING, attempts(model)[2:], tmp_path / "a.pt")
