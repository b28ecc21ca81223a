"""Training is repeatable: interrupted and resumed, it ends in the same weights, bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from bioner import training
from bioner.config import GlinerPhase, Variant
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.gliner.backbone import open_base
from bioner.gliner.fit import fit
from bioner.seeds import seed_torch
from bioner.training import Plan, Point

TYPES = EntityTypes.of_words(["disease", "drug"])
PHASE = GlinerPhase(steps=6, batch_size=2, warmup=0.2, encoder_learning_rate=1e-3, head_learning_rate=1e-3)


def _document(number: int) -> Document:
    before = f"Patient {number} took "
    span = Span.of(len(before), len(before) + len("aspirin"), "drug")
    return Document(f"d{number}", f"{before}aspirin for 感冒", "en", (span,))


DOCUMENTS = [_document(number) for number in range(20)]


class StoppedError(Exception):
    """The training process dies."""


def _train(variant: Variant, checkpoint: Path, stop: int | None = None) -> dict[str, torch.Tensor]:
    def on_step(point: Point) -> None:
        if point.step == stop:
            raise StoppedError

    seed_torch(3, 1)
    model = open_base(variant)
    plan = Plan(PHASE.steps, PHASE.warmup, checkpoint, "same")
    fitted = fit(model, DOCUMENTS, TYPES, variant, PHASE, plan=plan, seed=4, description="test", on_step=on_step)
    assert [point.step for point in fitted.curve] == list(range(PHASE.steps))
    return {name: value.clone() for name, value in model.network.state_dict().items()}


def test_an_interrupted_training_ends_as_an_undisturbed_one(variant, tmp_path, monkeypatch) -> None:
    expected = _train(variant, tmp_path / "undisturbed.pt")
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)  # a checkpoint after every step
    with pytest.raises(StoppedError):
        _train(variant, tmp_path / "stopped.pt", stop=3)
    assert (tmp_path / "stopped.pt").is_file()
    resumed = _train(variant, tmp_path / "stopped.pt")
    assert resumed.keys() == expected.keys()
    assert all(torch.equal(resumed[name], value) for name, value in expected.items())


def test_training_changes_encoder_and_head(variant, tmp_path) -> None:
    seed_torch(3, 1)
    before = open_base(variant).network.state_dict()
    after = _train(variant, tmp_path / "c.pt")
    for part in ("token_rep_layer.bert_layer.model.encoder", "span_rep_layer", "prompt_rep_layer"):
        names = [name for name in before if name.startswith(part) and name.endswith("weight")]
        assert names
        assert not all(torch.equal(before[name], after[name]) for name in names)


def test_documents_without_a_usable_span_are_refused(variant, tmp_path) -> None:
    seed_torch(3, 1)
    bare = [document.with_spans(()) for document in DOCUMENTS]
    with pytest.raises(DataError, match="learnt from"):
        fit(
            open_base(variant), bare, TYPES, variant, PHASE,
            plan=Plan(2, 0.1, tmp_path / "c.pt", "x"), seed=1, description="test",
        )  # fmt: skip
