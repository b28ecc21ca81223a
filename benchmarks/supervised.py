"""What a GLiNER learns from gold annotations, beside a plain token classifier on the same encoder in the same minutes.

For each seed the GLiNER is trained first, its threshold chosen on dev; then the token classifier is trained for as
many epochs as fit into the time that took (at least one). Time is that of the processor, on one thread, so that other
work on the machine does not change what is compared. Both are scored once on the test set. Each seed is a file in
`--out`, so that a killed run goes on with the next; the table is made of the files that are there.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from common import hardware
from gliner_common import ROOT, corpus, profile
from rich.console import Console
from rich.table import Table
from token_classifier import TokenClassifier

from bioner.config import Params
from bioner.documents import Document
from bioner.evaluation.score import score_documents, strict_f1
from bioner.files import read_json, write_json

_CORPORA = {"ncbi": "ncbi-disease", "bc5cdr": "bc5cdr", "genia": "genia"}
_RATE = 2e-4  # of the token classifier, with batches of 16 (the best of those tried before this project)
_BATCH = 16


def main() -> None:
    """Train and score what is missing, and print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=_CORPORA, default="ncbi")
    parser.add_argument("--seeds", type=int, default=1, help="how often, with other weights and batches")
    parser.add_argument("--steps", type=int, help="updates of the GLiNER; without it those of the profile")
    parser.add_argument("--sentences", type=int, help="of each split at most: shows that it runs")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/results/supervised", help="folder of the results")
    chosen = parser.parse_args()
    params = profile(chosen.profile)
    phase = params.finetune.model_copy(update={"steps": chosen.steps} if chosen.steps else {})
    params = params.model_copy(update={"finetune": phase})
    splits = {
        split: _documents(params, chosen.profile, split)[: chosen.sentences] for split in ("train", "dev", "test")
    }
    chosen.out.mkdir(parents=True, exist_ok=True)
    for seed in range(1, chosen.seeds + 1):
        file = chosen.out / f"{chosen.profile}-{phase.steps}-{seed}.json"
        if not file.is_file():
            write_json(file, _trial(params, splits, seed))
    _show(
        chosen.profile, [read_json(file) for file in sorted(chosen.out.glob(f"{chosen.profile}-{phase.steps}-*.json"))]
    )


def _documents(params: Params, name: str, split: str) -> list[Document]:
    whole = params.corpora[_CORPORA[name]].model_copy(update={"limit": {}})
    params = params.model_copy(update={"corpora": {_CORPORA[name]: whole}})
    documents = corpus(params, _CORPORA[name], split)
    return [replace(document, id=str(number), source=name) for number, document in enumerate(documents)]


def _trial(params: Params, splits: dict[str, list[Document]], seed: int) -> dict[str, Any]:
    bare = [document.with_spans(()) for document in splits["test"]]
    began = time.process_time()
    predictor, steps = _gliner(params, splits["train"], seed)
    minutes = (time.process_time() - began) / 60
    threshold = _threshold(predictor, splits["dev"])
    ours = list(replace(predictor, threshold=threshold).predict(bare))
    classifier = TokenClassifier(params.gliner.variants["mini"].encoder, params.entity_types.keys, seed)
    began = time.process_time()
    epochs = classifier.train(splits["train"], minutes=minutes, batch_size=_BATCH, rate=_RATE, seed=seed)
    spent = (time.process_time() - began) / 60
    theirs = classifier.predict(bare)
    return {
        "hardware": hardware(),
        "seed": seed,
        "test_sentences": len(bare),
        "gliner": {
            "steps": steps,
            "minutes": round(minutes, 2),
            "threshold": threshold,
            **_scores(splits["test"], ours),
        },
        "token classifier": {"epochs": epochs, "minutes": round(spent, 2), **_scores(splits["test"], theirs)},
    }


def _gliner(params: Params, train: Sequence[Document], seed: int) -> tuple[Any, int]:
    """A trained predictor and the number of its updates; a killed training begins anew, for its time is measured."""
    from bioner.gliner.backbone import open_base
    from bioner.gliner.fit import fit
    from bioner.gliner.predictor import GlinerPredictor
    from bioner.seeds import seed_torch
    from bioner.training import Plan, forget

    phase = params.finetune
    seed_torch(seed, threads=1)
    model = open_base(params.gliner.variants["mini"])
    plan = Plan(
        phase.steps, phase.warmup, ROOT / ".bioner" / "supervised.pt", f"{phase.model_dump_json()} {seed} {len(train)}"
    )
    forget(plan)
    fitted = fit(model, train, params.entity_types, phase, plan=plan, seed=seed, description=f"GLiNER, seed {seed}")
    forget(plan)
    return GlinerPredictor(model, params.entity_types, 0.5, fitted.examples.overlap), len(fitted.curve)


def _threshold(predictor: Any, dev: Sequence[Document]) -> float:
    from bioner.gliner.calibration import GRID, choose_threshold

    scored = list(predictor.score(dev, floor=GRID[0]))
    return choose_threshold(dev, scored, predictor.overlap, strict_f1).value


def _scores(gold: Sequence[Document], predicted: Sequence[Document]) -> dict[str, Any]:
    """Micro-scores with intervals, strict and by overlap, and those of flat and nested mentions."""
    scores = score_documents(gold, predicted, modes=("strict", "overlap")).to_record()["schemes"]
    return {name: {"micro": scores[name]["micro"], "shapes": scores[name]["shapes"]} for name in scores}


def _show(name: str, trials: Sequence[dict[str, Any]]) -> None:
    table = Table("", "minutes", "strict F1 of each seed", "mean", "overlap F1, mean", title=f"{name}, test set")
    for side in ("gliner", "token classifier"):
        strict = [trial[side]["strict"]["micro"]["f1"] for trial in trials]
        overlap = [trial[side]["overlap"]["micro"]["f1"] for trial in trials]
        minutes = statistics.mean(trial[side]["minutes"] for trial in trials)
        each = ", ".join(f"{value:.3f}" for value in strict)
        table.add_row(side, f"{minutes:.1f}", each, f"{statistics.mean(strict):.4f}", f"{statistics.mean(overlap):.4f}")
    Console().print(table)


if __name__ == "__main__":
    main()
