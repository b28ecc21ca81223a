"""What a teacher says of a text, and the one interface of all teachers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bioner.documents import Span
from bioner.errors import BionerError
from bioner.teacher.budget import Spent
from bioner.teacher.chunks import Text

NOT_ASKED = "not asked"  # the failure of a text that was not reached before the teacher stopped


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a teacher says of one text.

    Attributes:
        spans: in the order of the text.
        mismatches: what was wrong with its answers, by reason.
        failure: why there is no answer; then there are no spans, which does not mean that the text has none.
    """

    spans: tuple[Span, ...] = ()
    mismatches: Mapping[str, int] = field(default_factory=dict)
    failure: str | None = None


class Teacher(Protocol):
    """What annotates texts."""

    @property
    def ahead(self) -> int:
        """How many texts may be begun, and wait for their answers, at a time; with 0, one chunk after another."""

    @property
    def spent(self) -> Spent | None:
        """What all answers took, those of earlier runs included; `None` if it costs nothing."""

    @property
    def stopped(self) -> BionerError | None:
        """Why it stopped, if it did; texts that are begun afterwards are not asked for."""

    def begin(self, texts: Sequence[Text]) -> Iterable[Annotation]:
        """Begin to annotate the texts of a chunk; what comes of each, in order, is waited for when it is taken."""
