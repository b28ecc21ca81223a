"""The stage `selector`: a second adapter learns to judge the tagger's spans; the result is a whole tagger."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.distribution import first_process
from bioner.documents import Document
from bioner.files import atomic_directory, write_json
from bioner.stages import layout
from bioner.stages.context import Context, live, read_split, write_curve
from bioner.stages.tagger_phase import DevSample, seed_of_batches, seed_stage, training_figures

if TYPE_CHECKING:
    from bioner.evaluation.calibration import Trial
    from bioner.tagger.claims import Attempt
    from bioner.tagger.folder import Manifest
    from bioner.tagger.model import TaggerModel
    from bioner.training import Plan

_KEPT = layout.STATE / "own-errors"  # what is done of collecting them, until the selector is written


def run(context: Context) -> None:
    """Train the selector on the train split, and choose the threshold of its spans on dev.

    Raises:
        DataError: a split is empty, or there is nothing to learn from.
        ConfigError: the tagger's own errors cannot be collected as the params say.
        ModelError: the tagger or its base cannot be loaded.
    """
    from bioner.evaluation.calibration import choose_threshold
    from bioner.tagger.fit import fit_selector
    from bioner.tagger.folder import read_folder, write_folder
    from bioner.tagger.model import add_selector
    from bioner.tagger.predictor import TaggerPredictor
    from bioner.tracking.runs import stage_run
    from bioner.training import forget

    settings = context.params.selector
    train, dev = read_split("train"), DevSample.read(settings.dev_documents, context.params.seed)
    inputs = [layout.TAGGER, layout.split("train"), layout.split("dev")]
    plan = context.plan(settings.steps, settings.warmup, _identity(context))
    layout.STATE.mkdir(exist_ok=True)  # where the base model is cached
    with stage_run(context, inputs) as tracked:
        attempts = _attempts(context, train)
        seed = seed_stage(context)  # only now: collecting may have drawn numbers, and resumed, fewer
        model, manifest = read_folder(layout.TAGGER)
        add_selector(model, manifest.lora)
        fitted = fit_selector(
            model,
            train,
            manifest.types,
            settings,
            manifest.max_words,
            plan=plan,
            seed=seed,
            description=context.name,
            attempts=attempts,
            on_step=live(tracked),
        )
        if not first_process():
            return  # it has helped to train; the first one writes
        manifest = replace(manifest, selector=True)
        predicted = dev.predict(TaggerPredictor.of(model, manifest))
        chosen, whole = choose_threshold(predicted, dev.counts, settings.aim, settings.caution)
        manifest = replace(manifest, threshold=chosen.threshold)
        with atomic_directory(layout.SELECTOR) as aside:
            write_folder(aside, model, manifest)
        write_curve(layout.curve(context.stage), fitted.curve)
        strict = {"all spans": whole.scores, "selected": chosen.scores}
        figures = training_figures(fitted, train, dev) | _own_errors(attempts) | _threshold(chosen, whole)
        write_json(layout.metrics(context.stage), figures | {"dev_strict": strict})
        tracked.metrics({f"dev_strict_{name}": value for name, value in strict["selected"].items()})
        tracked.metrics({"threshold": manifest.threshold})
        tracked.model(layout.SELECTOR)
    forget(plan)
    shutil.rmtree(_KEPT, ignore_errors=True)


def _identity(context: Context) -> str:
    params = context.params
    inputs = [layout.TAGGER, layout.split("train")]
    return context.identity(inputs, params.selector, params.tagger, params.entity_types.to_record())


def _attempts(context: Context, train: Sequence[Document]) -> list[Attempt]:
    """The sentences in which taggers show their errors, if the params ask for any."""
    from bioner.tagger.folder import read_folder
    from bioner.tagger.own_errors import Folds, Trained, attempts_unread

    params, own = context.params, context.params.selector.own_errors
    if own is None:
        return []
    trained = Trained(train, params.entity_types, params.tagger, seed_of_batches(context, "tagger"))
    kept = _KEPT / _identity(context)
    seed_stage(context)
    model, manifest = read_folder(layout.TAGGER)
    if not own.folds:
        return attempts_unread(model, trained, own, kept)
    del model  # or there would be two in memory
    return Folds(own, kept, partial(_new_tagger, context, manifest), partial(_plan, context, kept)).attempts(trained)


def _new_tagger(context: Context, manifest: Manifest, fold: int) -> TaggerModel:
    """A tagger that has learnt nothing, with the chance of a fold."""
    from bioner.seeds import derive, seed_torch
    from bioner.tagger.model import open_base

    seed_torch(derive(context.params.seed, context.name, "fold", str(fold)), context.params.threads)
    model = open_base(manifest.base, manifest.lora, definitions=manifest.definitions, quantise=manifest.quantise)
    return replace(model, opening_bias=manifest.opening_bias)


def _plan(context: Context, kept: Path, fold: int, steps: int) -> Plan:
    """How the tagger of a fold is trained: as the tagger, with a checkpoint of its own."""
    settings = context.params.tagger
    plan = context.plan(steps, settings.warmup, f"{_identity(context)}-{fold}")
    checkpoint = kept / f"fold-{fold}.pt"
    return replace(plan, checkpoint=checkpoint, accumulate=settings.accumulate, precision=settings.precision)


def _own_errors(attempts: Sequence[Attempt]) -> dict[str, Any]:
    """How many of the spans that taggers found out of fold were wrong; nothing if none were collected."""
    if not attempts:
        return {}
    found = [(attempt.gold, mention) for attempt in attempts for mention in attempt.found]
    wrong = sum(mention not in gold for gold, mention in found)
    return {"own_errors": {"sentences": len(attempts), "spans": len(found), "wrong": wrong}}


def _threshold(chosen: Trial, whole: Trial) -> dict[str, Any]:
    """The threshold, and the gain of F1 on dev with its standard error."""
    from bioner.evaluation.calibration import standard_error

    error = standard_error(chosen, whole)
    gain = {"f1": round(chosen.f1 - whole.f1, 6), "standard_error": round(error, 6) if isfinite(error) else None}
    return {"threshold": chosen.threshold, "dev_gain": gain}
