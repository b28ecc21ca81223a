"""A trial: one model from its start through its lessons to predictions, the unit of work of every protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.config import GlinerPhase
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.files import hash_tree, hash_value

THRESHOLD = 0.5  # where no dev set may choose it


@dataclass(frozen=True, slots=True)
class Lesson:
    """One training within a trial.

    Attributes:
        name: what is learnt from: `synthetic` or `gold`.
        documents: annotated with `types` alone.
        phase: how, and for how many steps.
    """

    name: str
    documents: Sequence[Document]
    types: EntityTypes
    phase: GlinerPhase

    def to_record(self) -> dict[str, Any]:
        """All that the result depends on."""
        return {
            "name": self.name,
            "documents": [document.to_record() for document in self.documents],
            "types": self.types.to_record(),
            "phase": self.phase.model_dump(mode="json"),
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """What one model is taught and asked.

    Attributes:
        arm: which of the things that are compared.
        k: mentions of each type that it may see; 0 for none, `None` for all there are.
        seed: number of the repetition, from 1: new weights, shots, batches and dropout. Trials of one seed differ in
            their arm and k alone.
        start: folder of a trained model; `None` for the encoder of the variant with a new head.
        lessons: the trainings, in order.
        asked: the types that are asked for.
        dev: documents on which the threshold is chosen; without any it is fixed.
    """

    arm: str
    k: int | None
    seed: int
    start: Path | None
    lessons: tuple[Lesson, ...]
    asked: EntityTypes
    dev: Sequence[Document] = ()

    def identity(self, surroundings: str, lessons: int | None = None) -> str:
        """Hash of all that the result depends on; with `lessons`, of the model after so many of them.

        Args:
            surroundings: hash of what all trials have in common.
        """
        start = hash_tree(self.start) if self.start else None
        value: list[Any] = [surroundings, self.seed, start, [lesson.to_record() for lesson in self.lessons[:lessons]]]
        if lessons is None:
            value += [self.arm, self.k, self.asked.to_record(), [document.to_record() for document in self.dev]]
        return hash_value(value)


def row_name(arm: str, k: int | None, seed: int | None = None) -> str:
    """How an arm with so many shots, or one trial of it, is called."""
    shots = "" if k is None else f", k = {k}"
    return arm + shots + ("" if seed is None else f", seed {seed}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial led to.

    Attributes:
        threshold: score from which spans were predicted.
        lessons: what each training did: its name, steps, windows a step, documents, spans and lost spans.
        predicted: the judged documents with the predicted spans.
    """

    arm: str
    k: int | None
    seed: int
    threshold: float
    lessons: tuple[Mapping[str, Any], ...]
    predicted: tuple[Document, ...]

    @property
    def updates(self) -> int:
        """Steps of all lessons."""
        return sum(lesson["steps"] for lesson in self.lessons)

    def to_record(self) -> dict[str, Any]:
        """The outcome as a JSON object, texts left out; `from_record` is its inverse."""
        return {
            "arm": self.arm,
            "k": self.k,
            "seed": self.seed,
            "threshold": self.threshold,
            "lessons": [dict(lesson) for lesson in self.lessons],
            "predicted": {document.id: document.to_record()["spans"] for document in self.predicted},
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], documents: Sequence[Document]) -> Outcome:
        """Parse what `to_record` made, given the documents that were judged."""
        spans = record["predicted"]
        predicted = tuple(Document.from_record(d.to_record() | {"spans": spans[d.id]}) for d in documents)
        given = {key: record[key] for key in ("arm", "k", "seed", "threshold")}
        return cls(**given, lessons=tuple(record["lessons"]), predicted=predicted)


def check_equal_compute(outcomes: Sequence[Outcome]) -> int:
    """How many updates of how many windows every arm that was trained at all has spent.

    Raises:
        ConfigError: not all the same.
    """
    spent = {(o.updates, *sorted({lesson["batch_size"] for lesson in o.lessons})): o.arm for o in outcomes if o.lessons}
    if len(spent) > 1:
        listed = ", ".join(f"{arm}: {updates}" for (updates, *_), arm in spent.items())
        mend = "give every training of the protocol the same steps"
        raise ConfigError(f"the arms had different numbers of updates: {listed}", mend=mend)
    return next(iter(spent))[0] if spent else 0
