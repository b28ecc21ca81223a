"""Training is repeatable: interrupted and resumed, it ends in the same weights, bit for bit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from bioner.config import GlinerPhase, LabelSampling, Variant
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import DataError
from bioner.free_labels import apart, with_free
from bioner.gliner.backbone import open_base
from bioner.gliner.fit import Fit, fit
from bioner.seeds import seed_torch
from bioner.training import Plan, Point

TYPES = EntityTypes.of_words(["disease", "drug"])
SAMPLING = LabelSampling(negatives=1, hard_negatives=0, label_dropout=0, synonyms=0, definitions=0)
PHASE = GlinerPhase(
    steps=6, batch_size=2, warmup=0.2, encoder_learning_rate=1e-3, head_learning_rate=1e-3, sampling=SAMPLING
)


def _document(number: int) -> Document:
    before = f"Patient {number} took "
    span = Span.of(len(before), len(before) + len("aspirin"), "drug")
    return Document(f"d{number}", f"{before}aspirin for 感冒", "en", (span,))


DOCUMENTS = [_document(number) for number in range(20)]


class StoppedError(Exception):
    """The training process dies."""


def _train(variant: Variant, checkpoint: Path, stop: int | None = None, every: float = 30) -> dict[str, torch.Tensor]:
    def on_step(point: Point) -> None:
        if point.step == stop:
            raise StoppedError

    seed_torch(3, 1)
    model = open_base(variant)
    plan = Plan(PHASE.steps, PHASE.warmup, checkpoint, "same", checkpoint_every=every)
    fitted = fit(model, DOCUMENTS, TYPES, PHASE, plan=plan, seed=4, description="test", on_step=on_step)
    assert [point.step for point in fitted.curve] == list(range(PHASE.steps))
    return {name: value.clone() for name, value in model.network.state_dict().items()}


def test_an_interrupted_training_ends_as_an_undisturbed_one(variant, tmp_path) -> None:
    expected = _train(variant, tmp_path / "undisturbed.pt")
    with pytest.raises(StoppedError):
        _train(variant, tmp_path / "stopped.pt", stop=3, every=0)
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
            open_base(variant), bare, TYPES, PHASE,
            plan=Plan(2, 0.1, tmp_path / "c.pt", "x"), seed=1, description="test",
        )  # fmt: skip


def _fitted(variant: Variant, checkpoint: Path, documents: list[Document], types: EntityTypes, **shares: float) -> Fit:
    seed_torch(3, 1)
    phase = PHASE.model_copy(update={"steps": 2, "sampling": SAMPLING.model_copy(update=shares)})
    plan = Plan(phase.steps, phase.warmup, checkpoint, "same")
    return fit(open_base(variant), documents, types, phase, plan=plan, seed=4, description="test")


def test_synonyms_and_definitions_are_read_only_where_they_are_asked_for(variant, tmp_path) -> None:
    drug = TypeName(name="drug", definition="用于治疗", synonyms=("药品",))
    types = EntityTypes({"drug": {"en": drug}, "disease": {"en": TypeName(name="disease")}})
    known = _fitted(variant, tmp_path / "a.pt", DOCUMENTS, types).characters
    for shares, new in (({"synonyms": 0.5}, 2), ({"definitions": 1.0}, 4), ({"synonyms": 0.5, "definitions": 0.5}, 6)):
        fitted = _fitted(variant, tmp_path / "b.pt", DOCUMENTS, types, **shares)
        assert 0 < fitted.characters - known <= new


def test_labels_that_are_free_words_are_learnt_though_no_prompt_holds_them(variant, tmp_path) -> None:
    words = "one two three four five six seven eight nine ten"
    places = [(match.start(), match.end()) for match in re.finditer(r"\w+", words)]
    documents = [
        Document(f"d{n}", words, "en", tuple(Span.of(*place, f"kind {n % 7} of {k}") for k, place in enumerate(places)))
        for n in range(14)
    ]
    labels = sorted({span.label for document in documents for span in document.spans})
    fitted = _fitted(variant, tmp_path / "c.pt", documents, EntityTypes.of_words(labels), hard_negatives=0.5)
    assert len(labels) == 70
    assert variant.max_types < len(places)
    assert fitted.examples.spans == 140
    assert all(point.loss > 0 for point in fitted.curve)


def test_documents_with_labels_of_their_own_are_asked_for_these_alone(variant, tmp_path) -> None:
    documents = []
    for n in range(6):
        meta = {"task": "question_answering", "negatives": [f"Who has {n}?"]}
        spans = (Span.of(0, 3, f"What is {n}?"),) if n % 3 else ()
        documents.append(apart(Document(f"d{n}", "one two three", "en", spans, "teacher", meta)))
    types = with_free(TYPES, documents)
    fitted = _fitted(variant, tmp_path / "e.pt", documents, types, hard_negatives=0.5)
    assert all(point.loss > 0 for point in fitted.curve)
    assert sorted(fitted.examples.types.values()) == sorted(
        (f"What is {n}?", f"Who has {n}?") if n % 3 else (f"Who has {n}?",) for n in range(6)
    )
