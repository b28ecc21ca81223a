"""What the page shows of annotations: a text with its nested mentions marked, and where two annotations differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bioner.documents import Document
from bioner.evaluation.error_analysis import KINDS, Kind, find_errors
from bioner.evaluation.mentions import distinct
from bioner.report.bars import style
from bioner.report.marking import Mark, Piece, mark_text
from bioner.report.mistakes import Side, side_of

COLOURS = 8  # of types in the style sheet; further types begin again with the first


@dataclass(frozen=True, slots=True)
class Tag:
    """The button that stands beside a mention.

    Attributes:
        number: of its span among those that were given.
        words: the mention itself.
        label: its type, as the page calls it.
        score: its score, if it has one.
        lane: how far from the text it stands.
        lone: whether only this side has it.
        colour: the number of its type's colour.
    """

    number: int
    words: str
    label: str
    score: float | None
    lane: int
    lone: bool
    colour: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of text over which no mention begins or ends, with the tags of those that begin with it."""

    piece: Piece
    style: str
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A mention that two sides do not share: what the first has, and what the second has; either may be absent."""

    kind: Kind
    first: Side | None
    second: Side | None


@dataclass(frozen=True, slots=True)
class Differences:
    """Where two annotations of a text differ, in its order, and how many mentions they share."""

    found: tuple[Difference, ...]
    shared: int

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many there are of each kind that occurs."""
        kinds = [one.kind for one in self.found]
        return {kind: kinds.count(kind) for kind in KINDS if kind in kinds}


def stretches(document: Document, labels: Mapping[str, str], other: Document | None = None) -> list[Stretch]:
    """A text with its mentions marked below it.

    Args:
        document: the text, annotated.
        labels: type -> how the page calls it; they have colours in this order.
        other: the same text as another side annotated it: what both have is drawn more lightly.
    """
    numbers = {(span.fragments, span.label): number for number, span in enumerate(document.spans)}
    shared = {(span.fragments, span.label) for span in other.spans} if other else set()
    colours = {label: number % COLOURS for number, label in enumerate(labels)}
    tags: dict[Mark, Tag] = {}
    for mention in distinct(document.spans):
        span = mention.span
        key = span.fragments, span.label
        called = labels[span.label]
        mark = Mark(span.fragments, tag_text(called, span.score), key in shared)
        words, lone = span.mention(document.text), other is not None and key not in shared
        tags[mark] = Tag(numbers[key], words, called, span.score, 0, lone, colours[span.label])
    return [
        Stretch(
            piece,
            style(piece, lambda _, mark: f"type-{tags[mark].colour}") if piece.predicted else "",
            tuple(replace(tags[bar.mark], lane=bar.lane) for bar in piece.predicted if bar.opens),
        )
        for piece in mark_text(document.text, (), list(tags), whole=True)
    ]


def tag_text(label: str, score: float | None) -> str:
    """What is written on the tag of a mention: its type and its score."""
    return label if score is None else f"{label} {score:.2f}"


def differences(first: Document, second: Document, called: Mapping[str, str]) -> Differences:
    """What two annotations of one text do not share; `called` has how the page calls their types."""
    found = tuple(
        Difference(
            error.kind,
            side_of(error.gold, first.text, called) if error.gold else None,
            side_of(error.predicted, first.text, called) if error.predicted else None,
        )
        for error in find_errors([first], [second])
    )
    sides = [{(span.fragments, span.label) for span in side.spans} for side in (first, second)]
    return Differences(found, len(sides[0] & sides[1]))
