"""The stage `finetune`: a pre-trained GLiNER variant learns from gold annotations and is calibrated on dev."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bioner.distribution import first_process
from bioner.documents import Document
from bioner.stages import layout
from bioner.stages.context import Context, read_corpora
from bioner.stages.gliner_phase import Phase, described

if TYPE_CHECKING:
    from bioner.entity_types import EntityTypes
    from bioner.gliner.calibration import Threshold
    from bioner.gliner.model import Gliner
    from bioner.gliner.overlap import Overlap


def run(context: Context) -> None:
    """Train the variant named by the item on the train split, from where pre-training left it.

    Raises:
        DataError: a split is empty, or there is nothing to learn from.
    """
    from bioner.gliner.folder import read_folder
    from bioner.tracking.runs import stage_run
    from bioner.training import forget

    phase = Phase.of(context, context.params.finetune)
    start, folder = layout.pretrained(phase.name), layout.finetuned(phase.name)
    train, dev = _documents("train"), _documents("dev")
    inputs = [start, layout.split("train"), layout.split("dev")]
    plan = phase.plan(inputs if phase.settings.early_stopping else inputs[:2])
    with stage_run(context, inputs) as tracked:
        seed = phase.seed()
        model, _ = read_folder(start)
        calibrate = partial(_calibrate, model, context.params.entity_types, dev)
        fitted = phase.train(model, train, plan, seed, tracked, evaluate=lambda overlap: calibrate(overlap).f1 or 0.0)
        if not first_process():
            return  # it has helped to train; the first one calibrates and writes
        overlap = fitted.examples.overlap
        threshold = calibrate(overlap)
        figures = {
            "documents": described(train),
            "dev_documents": described(dev),
            "dev_strict_f1": threshold.f1,
            "threshold": threshold.value,
            "overlap": overlap.name.lower(),
        }
        phase.write(folder, model, phase.manifest(threshold.value, overlap), fitted, figures)
        tracked.metrics({"dev_strict_f1": threshold.f1 or 0.0, "threshold": threshold.value})
        tracked.model(folder)
    forget(plan)


def _documents(split: str) -> list[Document]:
    """The documents of a split, ids made unique; each corpus is one source, since it is annotated by one guideline."""
    corpora = read_corpora(split).items()
    return [replace(d, id=f"{name}/{d.id}", source=name) for name, documents in corpora for d in documents]


def _calibrate(model: Gliner, types: EntityTypes, dev: Sequence[Document], overlap: Overlap) -> Threshold:
    from bioner.evaluation.score import strict_f1
    from bioner.gliner.calibration import GRID, choose_threshold
    from bioner.gliner.predictor import GlinerPredictor

    scored = list(GlinerPredictor(model, types, GRID[0], overlap).score(dev, floor=GRID[0]))
    return choose_threshold(dev, scored, overlap, strict_f1)
