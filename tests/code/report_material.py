"""What a report is made of, for tests: the test documents of the sample, and two models that err in every way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bioner.config import load_params
from bioner.documents import Document, Span, read_documents
from bioner.evaluation.analysis import analyse
from bioner.evaluation.pairing import pool
from bioner.evaluation.score import score_documents
from bioner.report.inputs import Inputs
from bioner.report.rivals import Rival
from bioner.validation.quarantine import REASONS

ROOT = Path(__file__).parents[2]


def sample(times: int = 1) -> list[Document]:
    """The test documents of the sample, pooled, as often as asked."""
    languages = ("en", "zh")
    read = {f"sample-{code}": list(read_documents(ROOT / f"data/sample/{code}/test.jsonl")) for code in languages}
    return [replace(one, id=f"{one.id}-{n}") for n in range(times) for one in pool(read)]


def erring(gold: Sequence[Document], every: int) -> list[Document]:
    """The documents as a model annotates them that errs at every n-th mention, each time in another way."""
    number = 0
    found = []
    for document in gold:
        spans: list[Span] = []
        for span in document.spans:
            number += 1
            wrong = number % every == 0
            spans += _err(span, number // every % 6, len(document.text)) if wrong else [_scored(span, number)]
        found.append(document.with_spans(spans))
    return found


def _err(span: Span, kind: int, length: int) -> list[Span]:
    start, end = span.start, span.end
    wrong = {
        0: (),
        1: ((max(0, start - 8), end, span.label),),
        2: ((start, min(length, end + 5), span.label),),
        3: ((start, end, "gene" if span.label != "gene" else "drug"),),
        4: ((start, max(start + 1, end - 3), "organism"),),
        5: ((start, end, span.label), (max(0, start - 9), max(1, start - 6), "lab_test")),
    }[kind]
    return [_scored(Span.of(*place), start + kind) for place in wrong]


def _scored(span: Span, number: int) -> Span:
    return replace(span, score=round(0.3 + 0.7 * (number * 37 % 101) / 101, 6))


def inputs(times: int = 1) -> Inputs:
    """A run with two models, the first of which stands against a champion."""
    params = load_params(ROOT / "params.yaml")
    gold = sample(times)
    predictions = {"gliner-mini": erring(gold, 3), "tagger-selector": erring(gold, 2)}
    scores = {model: score_documents(gold, found, resamples=50) for model, found in predictions.items()}
    odd = [replace(document, meta={REASONS: ["density"]}) for document in predictions["tagger-selector"][:4]]
    return Inputs(
        types=params.entity_types,
        corpora=params.corpora,
        metrics={
            "curate": {"kept": 300, "dropped": {"near-duplicate": 4}},
            "distill": {"spans": 1234},
            "finetune/mini": {"steps": 200},
        },
        scores=scores,
        corpus_scores={},
        curves={"finetune-mini": [(float(n), 3 * 0.98**n) for n in range(200)]},
        gold=gold,
        predictions=predictions,
        analyses={model: analyse(gold, found) for model, found in predictions.items()},
        rivals={
            "gliner-mini": Rival("bioner-gliner, version 3", erring(gold, 4)),
            "tagger-selector": Rival("bioner-tagger", None, "bioner-tagger has no champion yet"),
        },
        quarantined=odd,
        worst=20,
        examples=3,
    )
