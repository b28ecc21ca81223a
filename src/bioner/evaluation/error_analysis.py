"""The individual errors behind a score: what was missed, invented, or found with a wrong boundary or type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bioner.documents import Document, Span
from bioner.evaluation.counts import cases
from bioner.evaluation.matching import assign
from bioner.evaluation.mentions import Case, Mention
from bioner.evaluation.pairing import pair_documents
from bioner.evaluation.schemes import strict

Kind = Literal["missed", "spurious", "wrong boundary", "wrong type", "both"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Error:
    """One difference between gold and prediction.

    Attributes:
        kind: `wrong boundary` (right type), `wrong type` (right boundary) or `both` (neither, but characters are
            shared); else `missed` (no prediction is paired with the gold mention) or `spurious` (the reverse).
        document: id of the document.
        gold: the expected span; `None` if spurious.
        predicted: the predicted span; `None` if missed.
    """

    kind: Kind
    document: str
    gold: Span | None
    predicted: Span | None

    @property
    def start(self) -> int:
        """Where the error begins in the text of the document."""
        return min(span.start for span in (self.gold, self.predicted) if span)

    def to_record(self) -> dict[str, Any]:
        """The error as a JSON object."""
        return {
            "kind": self.kind,
            "document": self.document,
            "gold": _span_record(self.gold),
            "predicted": _span_record(self.predicted),
        }


def find_errors(gold: Sequence[Document], predicted: Sequence[Document]) -> list[Error]:
    """All errors, by document id and position.

    Mentions that are right (scheme `strict`) are set aside. The others are paired one to one where they share
    characters: as many pairs as possible, and among those pairings as many of one type, then of one extent, then of
    shared characters. A mention that stays alone is missed or spurious. Duplicates are no errors.

    Raises:
        DataError: the documents do not fit together (see `pair_documents`).
    """
    return errors_of(cases(pair_documents(gold, predicted), "strict"))


def errors_of(documents: Iterable[Case]) -> list[Error]:
    """As `find_errors`, of documents that were paired already."""
    return [error for case in documents for error in _errors(case)]


def _errors(case: Case) -> list[Error]:
    right = strict(case)
    gold = set(range(len(case.gold))) - {i for i, _ in right}
    predicted = set(range(len(case.predicted))) - {j for _, j in right}
    edges = {(i, j): shared for (i, j), shared in case.edges.items() if i in gold and j in predicted}
    pairs = assign(edges, case.gold, case.predicted)
    errors = [_wrong(case.document, case.gold[i], case.predicted[j]) for i, j in pairs]
    missed = gold - {i for i, _ in pairs}
    spurious = predicted - {j for _, j in pairs}
    errors += [Error("missed", case.document, case.gold[i].span, None) for i in sorted(missed)]
    errors += [Error("spurious", case.document, None, case.predicted[j].span) for j in sorted(spurious)]
    return sorted(errors, key=lambda error: error.start)


def _wrong(document: str, gold: Mention, predicted: Mention) -> Error:
    kind: Kind = "wrong boundary" if gold.label == predicted.label else "both"
    if gold.extent == predicted.extent:
        kind = "wrong type"
    return Error(kind, document, gold.span, predicted.span)


def _span_record(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {"fragments": [list(fragment) for fragment in span.fragments], "label": span.label, "score": span.score}
