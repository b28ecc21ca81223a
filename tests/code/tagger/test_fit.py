"""Training changes the adapter in use and nothing else, and an interrupted training ends at the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_lm import sentence, tagger_settings

from bioner.config import Selector, Tagger
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.seeds import seed_torch
from bioner.tagger.fit import fit_selector, fit_tagger
from bioner.tagger.model import SELECTOR, TAGGER, TaggerModel, add_selector, open_base
from bioner.tagger.network import Lora
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
