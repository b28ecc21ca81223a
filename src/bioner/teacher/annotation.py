"""What a teacher says of a text, and the one interface of all teachers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bioner.documents import Span
from bioner.teacher.budget import Spent
from bioner.teacher.chunks import Text
from bioner.teacher.tasks.problems import Problem

Answer = tuple[str, str]  # what a model wrote, and why it ended


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a teacher says of one text.

    Attributes:
        spans: in the order of the text.
        mismatches: what was wrong with its answers, by reason.
        failure: why there is no annotation; then there are no spans, which does not mean that the text has none.
        lost: the beginnings of what could not be taken, for inspection.
    """

    spans: tuple[Span, ...] = ()
    mismatches: Mapping[str, int] = field(default_factory=dict)
    failure: str | None = None
    lost: tuple[Problem, ...] = ()


class Reading(NamedTuple):
    """What one answer says: its spans, what is wrong with it by reason, and what of it was lost."""

    spans: list[Span]
    mismatches: Counter[str]
    lost: tuple[Problem, ...] = ()


class Answered(NamedTuple):
    """A text, what the teacher says of it, and the answers that it was read from, where these can be read again."""

    text: Text
    annotation: Annotation
    answers: tuple[Answer, ...] = ()


class Teacher(Protocol):
    """What annotates texts."""

    @property
    def spent(self) -> Spent | None:
        """What all answers took, those of earlier runs included; `None` if it costs nothing."""

    def heed(self, others: Spent) -> None:
        """Be told what other processes have spent since this teacher was opened: the budget is theirs, too."""

    def answers(self, chunks: Iterator[Sequence[Text]]) -> Iterator[list[Answered]]:
        """Annotate texts, each once, in any order.

        What is yielded together is stored together, whole or not at all: what decides each other's annotation, as the
        texts of a batch do, has to come together.

        Args:
            chunks: the texts that share a batch; they are drawn as there is room for them.

        Raises:
            BionerError: it cannot go on; whatever it has answered was yielded before.
        """
