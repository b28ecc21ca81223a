"""Training changes the adapter in use and nothing else, and an interrupted training ends at the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_lm import sentence, tagger_settings

from bioner.config import EarlyStopping, Selector, Tagger
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.seeds import seed_torch
from bioner.tagger.fit import fit_selector, fit_tagger
from bioner.tagger.folder import Manifest
from bioner.tagger.model import SELECTOR, TAGGER, TaggerModel, add_selector, open_base
from bioner.tagger.network import Lora
from bioner.tagger.predictor import TaggerPredictor
from bioner.training import Plan, Point

LORA = Lora(rank=4, alpha=8, dropout=0.1, layers=2)
TYPES = EntityTypes.of_words(["disease", "drug"])
DOCUMENTS = [
    sentence(1, "Patients with acute asthma.", "en", ("acute asthma", "disease"), ("asthma", "disease")),
    sentence(2, "Low dose aspirin for asthma.", "en", ("aspirin", "drug"), ("asthma", "disease")),
    sentence(3, "患者有哮喘。", "zh", ("哮喘", "disease")),
]


def settings(base: Path) -> Tagger:
    return tagger_settings(f"path:{base}", LORA, steps=6, batch_size=2, learning_rate=0.01)


JUDGING = Selector(steps=6, batch_size=2, learning_rate=0.01, warmup=0.1, negatives=2, dev_documents=1)


class InterruptedTrainingError(Exception):
    """Stands for a kill."""


def weights(model: TaggerModel) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.network.model.named_parameters()}


def new_model(base: Path) -> TaggerModel:
    seed_torch(3, 1)
    return open_base(f"path:{base}", LORA)


def fit(model: TaggerModel, base: Path, checkpoint: Path, stop_at: int | None = None) -> list[Point]:
    def on_step(point: Point) -> None:
        if point.step == stop_at:
            raise InterruptedTrainingError

    plan = Plan(6, 0.1, checkpoint, "same", checkpoint_every=0)
    return fit_tagger(
        model, DOCUMENTS, TYPES, settings(base), plan=plan, seed=5, description="test", on_step=on_step
    ).curve


def test_an_interrupted_training_ends_at_the_same_weights(tiny_base: Path, tmp_path: Path) -> None:
    whole = new_model(tiny_base)
    curve = fit(whole, tiny_base, tmp_path / "whole.pt")
    with pytest.raises(InterruptedTrainingError):
        fit(new_model(tiny_base), tiny_base, tmp_path / "resumed.pt", stop_at=4)
    again = new_model(tiny_base)
    assert fit(again, tiny_base, tmp_path / "resumed.pt") == curve
    assert all(torch.equal(value, weights(again)[name]) for name, value in weights(whole).items())


def test_only_the_adapter_in_use_learns(tiny_base: Path, tmp_path: Path) -> None:
    model = new_model(tiny_base)
    before = weights(model)
    fit(model, tiny_base, tmp_path / "a.pt")
    trained = weights(model)
    assert {name for name in before if not torch.equal(before[name], trained[name])} == {
        name for name in before if f".{TAGGER}." in name
    }
    add_selector(model, LORA)
    fit_selector(
        model, DOCUMENTS, TYPES, JUDGING, 50, plan=Plan(6, 0.1, tmp_path / "b.pt", ""), seed=5, description="b"
    )
    after = weights(model)
    assert all(torch.equal(after[name], value) for name, value in trained.items())
    changed = [name for name in after if f".{SELECTOR}." in name]
    assert changed
    assert not any(torch.equal(after[name], after[name.replace(SELECTOR, TAGGER)]) for name in changed)


def test_a_selector_begins_as_a_copy_of_the_tagger(tiny: TaggerModel) -> None:
    add_selector(tiny, Lora(rank=4, alpha=8, dropout=0.0, layers=2))
    own = weights(tiny)
    copied = [name for name in own if f".{SELECTOR}." in name]
    assert copied
    assert all(torch.equal(own[name], own[name.replace(f".{SELECTOR}.", f".{TAGGER}.")]) for name in copied)


def test_the_loss_falls(tiny_base: Path, tmp_path: Path) -> None:
    model = new_model(tiny_base)
    more = settings(tiny_base).model_copy(update={"steps": 40})
    plan = Plan(40, 0.1, tmp_path / "a.pt", "")
    curve = fit_tagger(model, DOCUMENTS, TYPES, more, plan=plan, seed=5, description="test").curve
    assert sum(p.loss for p in curve[-5:]) < sum(p.loss for p in curve[:5]) * 0.7


def test_micro_batches_make_the_same_steps(tiny_base: Path, tmp_path: Path) -> None:
    def losses(accumulate: int) -> list[float]:
        seed_torch(3, 1)
        model = open_base(f"path:{tiny_base}", Lora(rank=4, alpha=8, dropout=0.0, layers=2))
        plan = Plan(6, 0.1, tmp_path / "a.pt", "", accumulate=accumulate)
        fitted = fit_tagger(model, DOCUMENTS, TYPES, settings(tiny_base), plan=plan, seed=5, description="test")
        return [point.loss for point in fitted.curve]

    assert losses(2) == pytest.approx(losses(1), rel=1e-3)


@pytest.mark.slow
def test_half_precision_learns_too(tiny_base: Path, tmp_path: Path) -> None:
    model = new_model(tiny_base)
    more = settings(tiny_base).model_copy(update={"steps": 40})
    plan = Plan(40, 0.1, tmp_path / "a.pt", "", precision="bf16")
    curve = fit_tagger(model, DOCUMENTS, TYPES, more, plan=plan, seed=5, description="test").curve
    assert sum(p.loss for p in curve[-5:]) < sum(p.loss for p in curve[:5]) * 0.7
    assert {p.dtype for p in model.network.trainable()} == {torch.float32}


@pytest.mark.slow
def test_early_stopping_keeps_the_best_adapter(tiny_base: Path, tmp_path: Path) -> None:
    scores, seen = iter([0.2, 0.7, 0.6, 0.5]), []
    model = new_model(tiny_base)

    def evaluate() -> float:
        predictor = TaggerPredictor.of(model, Manifest(f"path:{tiny_base}", TYPES, 0.0, 50, LORA, selector=False))
        list(predictor.predict([document.with_spans(()) for document in DOCUMENTS]))  # which must change nothing
        seen.append(weights(model))
        return next(scores)

    early = settings(tiny_base).model_copy(update={"early_stopping": EarlyStopping(every=3, patience=2), "steps": 30})
    plan = Plan(30, 0.1, tmp_path / "a.pt", "")
    curve = fit_tagger(model, DOCUMENTS, TYPES, early, plan=plan, seed=5, description="test", evaluate=evaluate).curve
    assert [point.score for point in curve if point.score is not None] == [0.2, 0.7, 0.6, 0.5]
    assert len(curve) == 12
    assert all(torch.equal(value, seen[1][name]) for name, value in weights(model).items())
    assert not all(torch.equal(value, seen[1][name]) for name, value in seen[2].items())
    undisturbed = new_model(tiny_base)
    plain = settings(tiny_base).model_copy(update={"steps": 30})
    again = fit_tagger(undisturbed, DOCUMENTS, TYPES, plain, plan=plan, seed=5, description="test").curve
    assert [point.loss for point in again[:12]] == [point.loss for point in curve]


def test_nothing_to_learn_is_an_error(tiny_base: Path, tmp_path: Path) -> None:
    bare = [Document("d1", "No mention at all.", "en")]
    with pytest.raises(DataError, match="no annotation"):
        fit_tagger(
            new_model(tiny_base),
            bare,
            TYPES,
            settings(tiny_base),
            plan=Plan(1, 0.1, tmp_path / "a.pt", ""),
            seed=5,
            description="test",
        )
