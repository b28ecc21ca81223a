"""The stage `selector`: a second adapter learns to judge the tagger's spans; the result is a whole tagger."""

from __future__ import annotations

from dataclasses import replace

from bioner.distribution import first_process
from bioner.files import atomic_directory, write_json
from bioner.stages import layout
from bioner.stages.context import Context, live, read_split, write_curve
from bioner.stages.tagger_phase import DevSample, seed_stage, training_figures


def run(context: Context) -> None:
    """Train the selector on the train split, and choose the threshold of its spans on dev.

    Raises:
        DataError: a split is empty, or there is nothing to learn from.
        ModelError: the tagger or its base cannot be loaded.
    """
    from bioner.tagger.calibration import above, choose_threshold
    from bioner.tagger.fit import fit_selector
    from bioner.tagger.folder import read_folder, write_folder
    from bioner.tagger.model import add_selector
    from bioner.tagger.predictor import TaggerPredictor
    from bioner.tracking.runs import stage_run
    from bioner.training import forget

    settings = context.params.selector
    train, dev = read_split("train"), DevSample.read(settings.dev_documents, context.params.seed)
    inputs = [layout.TAGGER, layout.split("train"), layout.split("dev")]
    identity = context.identity(inputs[:2], settings, context.params.entity_types.to_record())
    plan = context.plan(settings.steps, settings.warmup, identity)
    layout.STATE.mkdir(exist_ok=True)  # where the base model is cached
    with stage_run(context, inputs) as tracked:
        seed = seed_stage(context)
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
            on_step=live(tracked),
        )
        if not first_process():
            return  # it has helped to train; the first one writes
        manifest = replace(manifest, selector=True)
        predicted = dev.predict(TaggerPredictor.of(model, manifest))
        manifest = replace(manifest, threshold=choose_threshold(predicted, lambda spans: dev.scores(spans)["f1"]))
        strict = {"all spans": dev.scores(predicted), "selected": dev.scores(above(predicted, manifest.threshold))}
        with atomic_directory(layout.SELECTOR) as aside:
            write_folder(aside, model, manifest)
        write_curve(layout.curve(context.stage), fitted.curve)
        figures = training_figures(fitted, train, dev) | {"threshold": manifest.threshold, "dev_strict": strict}
        write_json(layout.metrics(context.stage), figures)
        tracked.metrics({f"dev_strict_{name}": value for name, value in strict["selected"].items()})
        tracked.metrics({"threshold": manifest.threshold})
        tracked.model(layout.SELECTOR)
    forget(plan)
