"""The stage `tagger`: an adapter of the base LM learns from gold annotations to write tagged lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bioner.distribution import first_process
from bioner.files import atomic_directory, write_json
from bioner.stages import layout
from bioner.stages.context import Context, live, read_split, write_curve
from bioner.stages.tagger_phase import DevSample, seed_stage, training_figures

if TYPE_CHECKING:
    from pathlib import Path

    from bioner.tagger.folder import Manifest
    from bioner.tagger.predictor import TaggerPredictor
    from bioner.training import Plan, Point


def run(context: Context) -> None:
    """Train the tagger on the train split of all corpora and languages together; choose its opening bias on dev.

    Raises:
        DataError: a split is empty, or there is nothing to learn from.
        ModelError: the base model cannot be loaded, or is not fit for tagging.
    """
    from bioner.tagger.fit import fit_tagger
    from bioner.tagger.folder import write_folder
    from bioner.tagger.model import open_base
    from bioner.tagger.predictor import TaggerPredictor
    from bioner.tracking.runs import stage_run
    from bioner.training import forget

    settings, manifest = context.params.tagger, _manifest(context)
    train, dev = read_split("train"), DevSample.read(settings.dev_documents, context.params.seed)
    inputs = [layout.split("train"), layout.split("dev")]
    layout.STATE.mkdir(exist_ok=True)  # where the base model is cached
    plan = _plan(context, inputs if settings.early_stopping else inputs[:1], manifest)
    with stage_run(context, inputs) as tracked:
        seed = seed_stage(context)
        model = open_base(manifest.base, manifest.lora, definitions=manifest.definitions, quantise=manifest.quantise)
        predictor = TaggerPredictor.of(model, manifest)
        fitted = fit_tagger(
            model,
            train,
            manifest.types,
            settings,
            plan=plan,
            seed=seed,
            description=context.name,
            on_step=live(tracked),
            evaluate=lambda: dev.scores(dev.predict(predictor))["f1"],
        )
        if not first_process():
            return  # it has helped to train; the first one writes
        trials = {bias: dev.scores(dev.predict(_biased(predictor, bias))) for bias in settings.opening_bias}
        best = max(trials, key=lambda bias: (trials[bias]["f1"], -abs(bias)))
        strict = trials[best]
        with atomic_directory(layout.TAGGER) as aside:
            write_folder(aside, model, replace(manifest, opening_bias=best))
        write_curve(layout.curve(context.stage), fitted.curve)
        figures = training_figures(fitted, train, dev) | _best(fitted.curve) | {"dev_strict": strict}
        figures["opening_bias"] = {"chosen": best, "dev_f1": {str(bias): trials[bias]["f1"] for bias in trials}}
        write_json(layout.metrics(context.stage), figures)
        tracked.metrics({f"dev_strict_{name}": value for name, value in strict.items()} | {"opening_bias": best})
        tracked.model(layout.TAGGER)
    forget(plan)


def _biased(predictor: TaggerPredictor, bias: float) -> TaggerPredictor:
    return replace(predictor, model=replace(predictor.model, opening_bias=bias))


def _plan(context: Context, inputs: Sequence[Path], manifest: Manifest) -> Plan:
    """The plan of the training; the inputs and all params it depends on are its identity."""
    settings = context.params.tagger
    identity = context.identity(inputs, settings, manifest.types.to_record())
    plan = context.plan(settings.steps, settings.warmup, identity)
    return replace(plan, accumulate=settings.accumulate, precision=settings.precision)


def _best(curve: Sequence[Point]) -> dict[str, Any]:
    """The step whose weights are the model's, where it was scored on the way."""
    scores = {point.step + 1: point.score for point in curve if point.score is not None}
    return {"best_step": max(scores, key=scores.__getitem__)} if scores else {}


def _manifest(context: Context) -> Manifest:
    """What the model folder will say. The lines are predicted as they are, whatever the scores of their spans."""
    from bioner.tagger.folder import Manifest
    from bioner.tagger.network import Lora

    settings = context.params.tagger
    return Manifest(
        settings.base,
        context.params.entity_types,
        threshold=0.0,
        max_words=settings.max_words,
        lora=Lora(settings.lora_rank, settings.lora_alpha, settings.lora_dropout, settings.layers),
        selector=False,
        definitions=settings.definitions,
        quantise=settings.quantise,
    )
