"""The worst documents of a model: their texts with both annotations marked, and every error in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bioner.documents import Document, Span
from bioner.evaluation.error_analysis import KINDS, Error, find_errors
from bioner.evaluation.mentions import distinct
from bioner.report.marking import Mark, Piece, mark_text

_GAP = " … "


@dataclass(frozen=True, slots=True)
class Side:
    """A span in words: its characters, its type, and how sure a model was of it."""

    words: str
    type: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error in words: what was expected, what was found, either of which may be absent."""

    kind: str
    gold: Side | None
    predicted: Side | None


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its errors.

    Attributes:
        id: of the document, within its corpus.
        corpus: the corpus.
        language: the code of the language.
        pieces: the marked text.
        mistakes: the errors, in the order of the text.
        right: how many gold mentions were found as they are.
    """

    id: str
    corpus: str
    language: str
    pieces: tuple[Piece, ...]
    mistakes: tuple[Mistake, ...]
    right: int

    @property
    def kinds(self) -> dict[str, int]:
        """How many errors of each kind there are, kinds without one left out."""
        counts = Counter(mistake.kind for mistake in self.mistakes)
        return {kind: counts[kind] for kind in KINDS if counts[kind]}


def worst_documents(
    gold: Sequence[Document], predicted: Sequence[Document], types: Mapping[str, str], limit: int
) -> list[Example]:
    """The documents with the most errors, the worst first; those without an error are left out.

    Args:
        gold: the pooled test documents, with ids `corpus/id`.
        predicted: the same documents with the spans of a model.
        types: key -> name.
        limit: how many to show at most.

    Raises:
        DataError: the two sides do not fit together.
    """
    errors: dict[str, list[Error]] = {}
    for error in find_errors(gold, predicted):
        errors.setdefault(error.document, []).append(error)
    golds, predictions = {d.id: d for d in gold}, {d.id: d for d in predicted}
    order = sorted(errors, key=lambda key: (-len(errors[key]), key))[:limit]
    return [example(golds[key], predictions[key], errors[key], types) for key in order]


def example(gold: Document, predicted: Document, errors: Sequence[Error], types: Mapping[str, str]) -> Example:
    """One document with its errors.

    Args:
        gold: a pooled test document, with the id `corpus/id`.
        predicted: the same document with the spans of a model.
        errors: all errors in it.
        types: key -> name.
    """
    above = _marks(gold.spans, {error.gold for error in errors}, types)
    below = _marks(predicted.spans, {error.predicted for error in errors}, types)
    corpus, _, identity = gold.id.partition("/")
    return Example(
        id=identity,
        corpus=corpus,
        language=gold.language,
        pieces=tuple(mark_text(gold.text, above, below)),
        mistakes=tuple(_mistake(error, gold.text, types) for error in errors),
        right=sum(mark.right for mark in above),
    )


def _marks(spans: Sequence[Span], wrong: Collection[Span | None], types: Mapping[str, str]) -> list[Mark]:
    return [
        Mark(mention.extent, types.get(mention.label, mention.label), mention.span not in wrong)
        for mention in distinct(spans)
    ]


def _mistake(error: Error, text: str, types: Mapping[str, str]) -> Mistake:
    gold = side_of(error.gold, text, types) if error.gold else None
    predicted = side_of(error.predicted, text, types) if error.predicted else None
    return Mistake(error.kind, gold, predicted)


def side_of(span: Span, text: str, types: Mapping[str, str]) -> Side:
    """A span in words; the fragments of a discontinuous one are parted by an ellipsis."""
    words = _GAP.join(text[start:end] for start, end in span.fragments)
    return Side(words, types.get(span.label, span.label), span.score)
