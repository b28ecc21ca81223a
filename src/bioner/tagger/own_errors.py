"""The tagger's own errors, out of fold: what a tagger finds in documents of the corpus that it has not learnt from.

On what it has learnt a tagger errs too seldom, and otherwise than on new text: a model that is to judge another learns
from its answers on data that the other was not fitted to (Wolpert, Stacked generalization, 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from bioner.config import OwnErrors, Tagger
from bioner.distribution import launched
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.seeds import derive, generator
from bioner.tagger.attempts import complete, read_attempts
from bioner.tagger.claims import Attempt
from bioner.tagger.examples import Example, limits_of, make_examples
from bioner.tagger.fit import fit_tagger, schedule_of
from bioner.tagger.model import TaggerModel
from bioner.training import Plan


@dataclass(frozen=True, slots=True)
class Trained:
    """How a tagger was trained.

    Attributes:
        documents: what it could learn from.
        types: what it was to find.
        settings: of its training.
        seed: of its batches.
    """

    documents: Sequence[Document]
    types: EntityTypes
    settings: Tagger
    seed: int

    def windows(self, model: TaggerModel, documents: Iterable[Document]) -> tuple[Example, ...]:
        """The windows of some of the documents."""
        limits = limits_of(self.settings.max_words)
        return make_examples(documents, self.types.keys, model.prompts.pieces, limits).windows

    def unread(self, model: TaggerModel) -> list[Document]:
        """The documents of which the training has read no window; after a whole epoch there are none."""
        windows = [self.windows(model, [document]) for document in self.documents]
        schedule = schedule_of(tuple(chain.from_iterable(windows)), self.settings, self.seed)
        read = {id(chosen.example) for step in range(self.settings.steps) for chosen in schedule.at(step)}
        return [
            document
            for document, own in zip(self.documents, windows, strict=True)
            if own and not any(id(window) in read for window in own)
        ]


def attempts_unread(model: TaggerModel, trained: Trained, own: OwnErrors, folder: Path) -> list[Attempt]:
    """What a tagger finds in the documents that its training did not reach, as many sentences as there are of them.

    Args:
        model: the tagger.
        folder: keeps what is done, for a call that is interrupted.

    Raises:
        ConfigError: its training has reached every document.
    """
    unread = trained.unread(model)
    if not unread:
        raise ConfigError(
            "the tagger's training has read every document of train: none is left to see its errors on",
            where="selector.own_errors.folds",
            mend="set it to 2 for taggers that are trained on parts of train, or own_errors to null",
        )
    windows = _sample(model, trained, unread, own.sentences)
    return read_attempts(model, trained.types, windows, folder, "the tagger's own errors")


@dataclass(frozen=True, slots=True)
class Folds:
    """Taggers that each learn from all documents but one fold, and annotate sentences of that.

    Attributes:
        own: how many folds and sentences, and how long each tagger is trained.
        folder: keeps what is done, for a call that is interrupted.
        new: a tagger that has learnt nothing, for a fold; the seed of chance is its to set.
        plan: how the tagger of a fold is trained for a number of steps.
    """

    own: OwnErrors
    folder: Path
    new: Callable[[int], TaggerModel]
    plan: Callable[[int, int], Plan]

    def attempts(self, trained: Trained) -> list[Attempt]:
        """What they find.

        Raises:
            ConfigError: several processes train together.
            DataError: a part of the documents has no annotation that can be learnt from.
        """
        if launched():
            raise ConfigError(
                "taggers of folds are trained by one process alone",
                where="selector.own_errors.folds",
                mend="run the stage without a launcher, or set it to 0",
            )
        documents, count = list(trained.documents), self.own.folds
        generator(trained.seed, "folds").shuffle(documents)
        attempts: list[Attempt] = []
        for fold in range(count):
            others = [document for number, document in enumerate(documents) if number % count != fold]
            attempts += self._attempts(fold, replace(trained, documents=others), documents[fold::count])
        return attempts

    def _attempts(self, fold: int, trained: Trained, held: Sequence[Document]) -> list[Attempt]:
        """Those of one tagger, whose model is in memory for so long only."""
        name = f"tagger of fold {fold + 1} of {self.own.folds}"
        model, kept = self.new(fold), self.folder / f"fold-{fold}"
        windows = _sample(model, trained, held, len(range(fold, self.own.sentences, self.own.folds)))
        if not complete(windows, kept):
            steps = max(1, round(self.own.steps * trained.settings.steps))
            fit_tagger(
                model,
                trained.documents,
                trained.types,
                trained.settings.model_copy(update={"steps": steps}),
                plan=self.plan(fold, steps),
                seed=derive(trained.seed, "fold", str(fold)),
                description=name,
            )
        return read_attempts(model, trained.types, windows, kept, f"errors of the {name}")


def _sample(model: TaggerModel, trained: Trained, documents: Sequence[Document], sentences: int) -> list[Example]:
    """The windows of documents drawn at random, at most so many."""
    drawn = list(documents)
    generator(trained.seed, "own errors").shuffle(drawn)
    windows: list[Example] = []
    for document in drawn:
        if len(windows) >= sentences:
            break
        windows += trained.windows(model, [document])
    return windows[:sentences]
