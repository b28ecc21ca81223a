"""Writing: the answers of a task with free labels as examples to train on, with negatives from other texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from bioner.documents import Document
from bioner.free_labels import LONGEST, NEGATIVES
from bioner.seeds import generator
from bioner.teacher.tasks.task import Task
from bioner.teacher.tasks.training import Label

_GATHERED = 2_000  # documents whose labels are the pool of negatives: enough to draw from, however many there are

Answers = Callable[[Document], str | None]  # what the teacher wrote about a document, if it can be used


@dataclass(frozen=True)
class Writer:
    """Makes the examples of documents.

    Attributes:
        task: what the teacher was asked.
        answer: what it wrote.
        seed: of the choice of negatives.
        pool: language -> labels of the task there.
    """

    task: Task
    answer: Answers
    seed: int
    pool: dict[str, list[Label]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Task, answer: Answers, seed: int, documents: Iterable[Document]) -> Writer:
        """A writer whose negatives come from the first of these documents."""
        writer = cls(task, answer, seed)
        for document in islice(documents, _GATHERED):
            said = answer(document)
            if said is not None:
                labels = task.labels(task.parse(said, document), document)
                writer.pool.setdefault(document.language, []).extend(one for one in labels if len(one.words) <= LONGEST)
        return writer

    def examples(self, document: Document) -> list[Document]:
        """The examples that the answer about a document gives, whatever documents came before; often one, or none."""
        said = self.answer(document)
        if said is None:
            return []
        rng = generator(self.seed, "examples", document.id)
        pool = self.pool.get(document.language, [])
        made = self.task.examples(self.task.parse(said, document), document, pool, rng)
        return [_sure(one) for one in made]


def _sure(example: Document) -> Document:
    """With the score that one answer gives its spans, and without negatives that are too long to be asked for."""
    kept = [words for words in example.meta[NEGATIVES] if len(words) <= LONGEST]
    spans = tuple(replace(span, score=1.0) for span in example.spans)
    return replace(example, spans=spans, meta={**example.meta, NEGATIVES: kept})
