"""Fitting the tagger's adapter, and then the selector's, to annotated documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bioner.config import Selector, Tagger
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.stopping import Stopping
from bioner.tagger.batches import Schedule, Teaching
from bioner.tagger.claims import Attempt
from bioner.tagger.contrast import ClaimSchedule, judging_batch
from bioner.tagger.examples import Example, Examples, limits_of, make_examples
from bioner.tagger.model import SELECTOR, TAGGER, TaggerModel
from bioner.training import Plan, Point, train

OnStep = Callable[[Point], None]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a training did.

    Attributes:
        curve: one point a step.
        examples: what was learnt from, and what was lost.
    """

    curve: list[Point]
    examples: Examples


def fit_tagger(
    model: TaggerModel,
    documents: Sequence[Document],
    types: EntityTypes,
    settings: Tagger,
    *,
    plan: Plan,
    seed: int,
    description: str,
    on_step: OnStep = lambda _point: None,
    evaluate: Callable[[], float] | None = None,
) -> Fit:
    """Train the tagger's adapter in place.

    Args:
        types: the types that are learnt, asked for as the model's prompts do.
        settings: the loss, the batches and the learning rate; when to stop early.
        seed: of the batches; dropout depends on the state of torch's generator.
        evaluate: scores the model as it is on documents apart; for early stopping.

    Raises:
        DataError: no annotation can be learnt from.
    """
    examples = _examples(model, documents, types, settings.max_words)
    schedule = schedule_of(examples.windows, settings, seed)
    teaching = Teaching(model.prompts, types, settings.loss)
    network = model.network
    network.use(TAGGER)
    curve = train(
        network.model,
        [{"params": network.trainable(), "lr": settings.learning_rate}],
        schedule.at,
        lambda chosen: teaching.batch(chosen, network.device).loss(network),
        plan,
        description=description,
        on_step=on_step,
        stopping=_stopping(settings, evaluate),
    )
    return Fit(curve, examples)


def schedule_of(windows: tuple[Example, ...], settings: Tagger, seed: int) -> Schedule:
    """Which windows a tagger learns from in which step, and for which types."""
    return Schedule(windows, settings.batch_size, settings.negative_types, seed, settings.language_temperature)


def _stopping(settings: Tagger, evaluate: Callable[[], float] | None) -> Stopping | None:
    early = settings.early_stopping
    return Stopping(evaluate, early.every, early.patience) if early and evaluate else None


def fit_selector(
    model: TaggerModel,
    documents: Sequence[Document],
    types: EntityTypes,
    settings: Selector,
    max_words: int,
    *,
    plan: Plan,
    seed: int,
    description: str,
    attempts: Sequence[Attempt] = (),
    on_step: OnStep = lambda _point: None,
) -> Fit:
    """Train the selector's adapter in place; it begins as a copy of the tagger's.

    Args:
        attempts: windows of the documents with what a tagger finds in them; if there are any, the selector learns from
            these alone, else from all windows with a gold span.

    Raises:
        DataError: no annotation can be learnt from.
    """
    examples = _examples(model, documents, types, max_words)
    if attempts:
        examples = replace(examples, windows=tuple(attempts))
    windows = attempts or [Attempt(one.language, one.words, one.mentions) for one in examples.windows]
    judged = tuple(window for window in windows if window.gold or window.found)
    if not any(window.gold for window in judged):
        mend = "raise selector.own_errors.sentences"
        raise DataError("no sentence that shows the tagger's own errors has a gold span", mend=mend)
    schedule = ClaimSchedule(judged, settings.batch_size, settings.negatives, seed)
    network = model.network
    network.use(SELECTOR)
    curve = train(
        network.model,
        [{"params": network.trainable(), "lr": settings.learning_rate}],
        schedule.at,
        lambda chosen: judging_batch(chosen, types, model.prompts, network.device, settings.ranking).loss(network),
        plan,
        description=description,
        on_step=on_step,
    )
    return Fit(curve, examples)


def _examples(model: TaggerModel, documents: Sequence[Document], types: EntityTypes, max_words: int) -> Examples:
    examples = make_examples(documents, types.keys, model.prompts.pieces, limits_of(max_words))
    if not any(extents for window in examples.windows for extents in window.mentions.values()):
        raise DataError("no annotation of the training data can be learnt from", mend="check labels and offsets")
    return examples
