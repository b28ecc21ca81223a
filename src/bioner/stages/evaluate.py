"""Stage evaluate: one model on every test set; its predictions, and what they score."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from bioner.config import Params
from bioner.documents import Document, write_documents
from bioner.evaluation.pairing import pool
from bioner.evaluation.score import score_documents
from bioner.evaluation.scores import Scores
from bioner.files import atomic_directory, write_json
from bioner.predictors import load_predictor
from bioner.seeds import seed_torch
from bioner.stages import layout
from bioner.stages.context import Context, read_corpora
from bioner.stages.judging import main_figures, predict, speed
from bioner.tracking.evidence import hash_test_set
from bioner.tracking.registry import TEST
from bioner.tracking.runs import stage_run

Corpora = Mapping[str, Sequence[Document]]


def run(context: Context) -> None:
    """Predict the documents of every test set with one model, and score them together and by corpus.

    Raises:
        DataError: no corpus has a test document.
        ModelError: the model cannot be loaded.
    """
    name, params = context.need_item(), context.params
    folder, test = Path(params.models[name].path), layout.split("test")
    gold = read_corpora("test")
    with stage_run(context, inputs=[folder, test]) as tracked:
        seed_torch(params.seed, params.threads)
        predictor = load_predictor(f"path:{folder}")
        began = time.monotonic()
        predicted = {
            corpus: predict(predictor, documents, params.entity_types, params.evaluate.batch_size, corpus)
            for corpus, documents in gold.items()
        }
        seconds = time.monotonic() - began
        scores = _score(pool(gold), pool(predicted), params)
        by_corpus = {corpus: _score(gold[corpus], predicted[corpus], params) for corpus in gold}
        _write(name, predicted, _record(scores, by_corpus))
        tracked.metrics(main_figures(scores) | speed(list(chain(*gold.values())), seconds))
        tracked.tag(TEST, hash_test_set(test, params))
        tracked.artifact(layout.metrics("evaluate", name))


def _score(gold: Sequence[Document], predicted: Sequence[Document], params: Params) -> Scores:
    settings = params.evaluate
    return score_documents(
        gold, predicted, resamples=settings.resamples, confidence=settings.confidence, seed=params.seed
    )


def _write(name: str, predicted: Corpora, record: Mapping[str, Any]) -> None:
    with atomic_directory(layout.predictions(name)) as aside:
        for corpus, documents in predicted.items():
            write_documents(aside / f"{corpus}.jsonl", documents)
    write_json(layout.metrics("evaluate", name), record)


def _record(scores: Scores, by_corpus: Mapping[str, Scores]) -> dict[str, Any]:
    f1 = {f"{scheme} F1": scores.schemes[scheme].micro.f1 for scheme in ("strict", "overlap")}
    return {
        "summary": {name: round(value, 6) for name, value in f1.items() if value is not None},
        "scores": scores.to_record(),
        "corpora": {corpus: part.to_record() for corpus, part in by_corpus.items()},
    }
