"""Rows of the record cache: annotations and answers as JSON; what went in comes out, scores to the last bit."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from bioner.documents import Span
from bioner.teacher.annotation import Annotation, Answer
from bioner.teacher.chunks import Key
from bioner.teacher.tasks.problems import Problem


class Record(NamedTuple):
    """What is stored of a text.

    Attributes:
        key: of the record.
        annotation: what the teacher says of the text.
        answers: what it was read from, if it can be read again.
    """

    key: Key
    annotation: Annotation
    answers: tuple[Answer, ...] = ()


def to_row(record: Record, now: float, reader: str) -> tuple[Any, ...]:
    """A record as a row of the table; see `bioner.teacher.cache_file`."""
    key, said, answers = record
    return key, now, said.failure, len(said.spans), _pack(said), json.dumps(answers), reader


def unpack(failure: str | None, packed: str) -> Annotation:
    """The annotation of a row."""
    value = json.loads(packed)
    lost = tuple(Problem(*problem) for problem in value.get("lost", ()))
    return Annotation(tuple(map(_span, value["spans"])), value.get("mismatches", {}), failure, lost)


def unpack_answers(packed: str) -> list[Answer]:
    """The answers of a row."""
    return [(text, finish) for text, finish in json.loads(packed)]


def _pack(annotation: Annotation) -> str:
    """An annotation without its failure, in ASCII: answers may hold halves of characters."""
    value: dict[str, Any] = {"spans": [[span.fragments, span.label, span.score] for span in annotation.spans]}
    if annotation.mismatches:
        value["mismatches"] = dict(annotation.mismatches)
    if annotation.lost:
        value["lost"] = annotation.lost
    return json.dumps(value)


def _span(item: list[Any]) -> Span:
    fragments, label, score = item
    return Span(tuple((start, end) for start, end in fragments), label, score)
