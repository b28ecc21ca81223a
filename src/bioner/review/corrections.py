"""Corrections: what people said replaces what the teacher said, document by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.review.exported import Review
from bioner.review.label_studio import can_show, fingerprint, label_names
from bioner.review.offsets import Unit, place, unit_of
from bioner.teacher.agreement import votes

REVIEWED = "reviewed"  # in the meta of a corrected document: how many people decided
_MAJORITY = 0.5  # share of the annotators that has to be exceeded


@dataclass(frozen=True, slots=True)
class Corrected:
    """A reviewed document.

    Attributes:
        before: as the teacher annotated it.
        after: as people did.
        random: whether it is of the random sample.
        as_shown: whether people saw the annotations of `before`, and not those of an earlier teacher.
    """

    before: Document
    after: Document
    random: bool
    as_shown: bool


@dataclass(frozen=True, slots=True)
class Corrections:
    """What came of a review.

    Attributes:
        documents: those that somebody finished.
        skipped: documents that were only skipped; they stay as they were.
        unfinished: documents that nobody has looked at yet; likewise.
        disagreed: documents on which several annotators do not agree; what more than half of them hold counts.
        unshown: spans that Label Studio cannot show (see `can_show`); they stay as they were.
    """

    documents: list[Corrected]
    skipped: int
    unfinished: int
    disagreed: int
    unshown: int

    def applied(self, documents: Sequence[Document]) -> list[Document]:
        """The documents in their order, the corrected ones in their places."""
        after = {one.after.id: one.after for one in self.documents}
        return [after.get(document.id, document) for document in documents]

    def to_record(self) -> dict[str, Any]:
        """How many documents there are of each kind, as a JSON object."""
        return {
            "reviewed": len(self.documents),
            "random": sum(one.random for one in self.documents),
            "changed": sum(_said(one.before) != _said(one.after) for one in self.documents),
            "skipped": self.skipped,
            "unfinished": self.unfinished,
            "disagreed": self.disagreed,
            "of_earlier_annotations": sum(not one.as_shown for one in self.documents),
            "spans_not_shown": self.unshown,
        }


def correct(documents: Sequence[Document], reviews: Sequence[Review], types: EntityTypes) -> Corrections:
    """Take over what people said.

    Raises:
        DataError: a review is of a document or a text that is not there, has a label that is none of the types, or
            regions that do not fit the text.
    """
    known = {document.id: document for document in documents}
    for review in reviews:
        _check_text(review, known)
    unit = unit_of(reviews)
    done = [review for review in reviews if review.annotations]
    spans = [
        [_spans(review, number, unit, known, types) for number in range(len(review.annotations))] for review in done
    ]
    corrected = [
        _corrected(review, known[review.document], said, types) for review, said in zip(done, spans, strict=True)
    ]
    return Corrections(
        corrected,
        skipped=sum(bool(review.skipped) and not review.annotations for review in reviews),
        unfinished=sum(not review.skipped and not review.annotations for review in reviews),
        disagreed=sum(len({frozenset(one) for one in said}) > 1 for said in spans),
        unshown=sum(not can_show(span, types.keys) for one in corrected for span in one.before.spans),
    )


def _check_text(review: Review, known: Mapping[str, Document]) -> None:
    mend = "review documents of this run: bioner review export; or set review.file to null"
    if review.document not in known:
        raise DataError(
            f"the document {review.document!r} is not among the distilled ones", where=review.where, mend=mend
        )
    if known[review.document].text != review.text:
        raise DataError(f"the text of the document {review.document!r} was changed", where=review.where, mend=mend)


def _spans(review: Review, number: int, unit: Unit, known: Mapping[str, Document], types: EntityTypes) -> list[Span]:
    """What one annotator marked."""
    document = known[review.document]
    labels = {name: key for key, name in label_names(types, document.language).items()}
    labels |= {label: label for label in types.keys if label not in labels}
    found = []
    for region in review.annotations[number]:
        start, end = place(unit, review, region) or (0, 0)  # `unit_of` saw to it that it has a place
        for label in region.labels:
            if label not in labels:
                mend = f"use the labels of the configuration: {', '.join(labels)}"
                raise DataError(f"the label {label!r} is none of the types", where=review.where, mend=mend)
            found.append(Span.of(start, end, labels[label]))
    return found


def _corrected(review: Review, document: Document, said: Sequence[Sequence[Span]], types: EntityTypes) -> Corrected:
    agreed = [span for span in votes(said) if (span.score or 0.0) > _MAJORITY]
    unshown = [span for span in document.spans if not can_show(span, types.keys)]
    meta = {**document.meta, REVIEWED: len(said)}
    return Corrected(
        before=document,
        after=replace(document, spans=(*agreed, *unshown), meta=meta),
        random="random" in review.samples,
        as_shown=review.shown == fingerprint(document),
    )


def _said(document: Document) -> Counter[tuple[object, str]]:
    return Counter((span.fragments, span.label) for span in document.spans)
