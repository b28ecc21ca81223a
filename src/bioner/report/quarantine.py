"""The quarantine as a page shows it: for each reason how many rows were set apart, and some of them, marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bioner.documents import Document
from bioner.evaluation.mentions import distinct
from bioner.report.marking import Mark, Piece, mark_text
from bioner.report.mistakes import Side, side_of
from bioner.validation.identifiers import masked
from bioner.validation.quarantine import REASONS
from bioner.validation.rows import INVALID

UNSTATED = "not stated"


@dataclass(frozen=True, slots=True)
class Row:
    """A quarantined document.

    Attributes:
        id: of the document.
        source: where its text came from.
        language: the code of the language.
        pieces: the text, with the spans of the teacher marked; what may identify a person is hidden, since pages are
            handed on.
        spans: the spans in words.
        problems: what is wrong with the spans that the text cannot hold.
        reasons: all the reasons that the document was set apart for.
    """

    id: str
    source: str
    language: str
    pieces: tuple[Piece, ...]
    spans: tuple[Side, ...]
    problems: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason, how many rows have it, and the first of them."""

    reason: str
    rows: int
    examples: tuple[Row, ...]


def grounds(documents: Sequence[Document], types: Mapping[str, str], limit: int) -> list[Ground]:
    """The reasons, the most frequent first, with `limit` rows each; a row may have several reasons."""
    by_reason: dict[str, list[Document]] = {}
    for document in documents:
        for reason in _reasons(document):
            by_reason.setdefault(reason, []).append(document)
    order = sorted(by_reason, key=lambda reason: (-len(by_reason[reason]), reason))
    return [
        Ground(reason, len(by_reason[reason]), tuple(_row(d, types) for d in by_reason[reason][:limit]))
        for reason in order
    ]


def _reasons(document: Document) -> tuple[str, ...]:
    return tuple(str(reason) for reason in document.meta.get(REASONS, ())) or (UNSTATED,)


def _row(document: Document, types: Mapping[str, str]) -> Row:
    text = masked(document.text)
    marks = [Mark(m.extent, types.get(m.label, m.label), right=False) for m in distinct(document.spans)]
    return Row(
        id=document.id,
        source=document.source,
        language=document.language,
        pieces=tuple(mark_text(text, (), marks)),
        spans=tuple(side_of(span, text, types) for span in document.spans),
        problems=tuple(_problem(item) for item in document.meta.get(INVALID, ())),
        reasons=_reasons(document),
    )


def _problem(item: Mapping[str, Any]) -> str:
    return f"{item['problem']}: {item['span']}"
