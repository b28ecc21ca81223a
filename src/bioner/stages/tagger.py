"""The stage `tagger`: an adapter of the base LM learns from gold annotations to write tagged lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bioner.distribution import first_process
from bioner.files import atomic_directory, write_json
from bioner.stages import layout
from bioner.stages.context import Context, live, read_split, write_curve
from bioner.stages.tagger_phase import DevSample, seed_stage, training_figures

if TYPE_CHECKING:
    from bioner.tagger.folder import Manifest


def run(context: Context) -> None:
    """Train the tagger on the train split of all corpora and languages together.

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
    identity = context.identity(inputs[:1], settings, manifest.types.to_record())
    plan = context.plan(settings.steps, settings.warmup, identity)
    layout.STATE.mkdir(exist_ok=True)  # where the base model is cached
    with stage_run(context, inputs) as tracked:
        seed = seed_stage(context)
        model = open_base(manifest.base, manifest.lora)
        fitted = fit_tagger(
            model,
            train,
            manifest.types,
            settings,
            plan=plan,
            seed=seed,
            description=context.name,
            on_step=live(tracked),
        )
        if not first_process():
            return  # it has helped to train; the first one writes
        strict = dev.scores(dev.predict(TaggerPredictor.of(model, manifest)))
        with atomic_directory(layout.TAGGER) as aside:
            write_folder(aside, model, manifest)
        write_curve(layout.curve(context.stage), fitted.curve)
        write_json(layout.metrics(context.stage), training_figures(fitted, train, dev) | {"dev_strict": strict})
        tracked.metrics({f"dev_strict_{name}": value for name, value in strict.items()})
        tracked.model(layout.TAGGER)
    forget(plan)


def _manifest(context: Context) -> Manifest:
    """What the model folder will say. The lines are predicted as they are, whatever the scores of their spans."""
    from bioner.tagger.folder import Manifest
    from bioner.tagger.network import Lora

    settings = context.params.tagger
    lora = Lora(settings.lora_rank, settings.lora_alpha, settings.lora_dropout, settings.layers)
    return Manifest(settings.base, context.params.entity_types, 0.0, settings.max_words, lora, selector=False)
