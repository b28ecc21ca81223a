"""CMeEE, the Chinese medical entity corpus, in both of its formats; end offsets in the files are inclusive.

V1 is lines of `text|||start    end    type|||start    end    type|||`, V2 a JSON list of objects with `text` and
`entities` (`start_idx`, `end_idx`, `type`, `entity`). An annotation that ends just before it starts holds no
character and cannot be a span: it is counted as dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bioner.corpora.lines import read_text, rows
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import parse_json, typed
from bioner.documents import Document, Span
from bioner.errors import DataError

_SEPARATOR = "|||"
_ANNOTATION = re.compile(r"(\d+)\s+(\d+)\s+(\S+)")
_EMPTY = "empty extent"

Annotation = tuple[int, int, str]  # start, inclusive end, label


def read_v1(reading: Reading) -> Iterator[Document]:
    """One document a line; its id is the file and the line. Lines without `|||` are unannotated.

    Raises:
        DataError: the file cannot be read, or an annotation is malformed, with file and line.
    """

    def document(block: list[Line]) -> Document:
        (line,) = block
        where = reading.at(line.number)
        text, *rest = line.text.split(_SEPARATOR)
        spans, dropped = _spans(_annotation(item, where) for item in rest if item.strip())
        return reading.document(reading.line_id(line.number), text, spans, where=where, dropped=dropped)

    return reading.each_block(rows(reading), document)


def _annotation(item: str, where: str) -> Annotation:
    match = _ANNOTATION.fullmatch(item.strip())
    if not match:
        raise DataError(f"{item!r} is not an annotation", where=where, mend="write start, end and type")
    return int(match[1]), int(match[2]), match[3]


def read_v2(reading: Reading) -> Iterator[Document]:
    """One document an object; its id is the file and the number of the object, from 1.

    Raises:
        DataError: the file cannot be read, a record is malformed, or a mention is not what stands at its offsets.
    """
    path = reading.path
    records = parse_json(read_text(reading), str(path))
    if not isinstance(records, list):
        raise DataError("not a JSON list", where=str(path), mend="write a list of objects with text and entities")

    def document(numbered: tuple[int, Any]) -> Document:
        number, record = numbered
        identity = f"{path.name}#{number}"
        where = f"{path}, record {identity}"
        text = typed(record, "text", str, where)
        mentions = typed(record, "entities", list, where)
        spans, dropped = _spans(_mention(mention, text, where) for mention in mentions)
        return reading.document(identity, text, spans, where=str(path), dropped=dropped)

    yield from reading.each(enumerate(records, 1), document)


def _mention(mention: Any, text: str, where: str) -> Annotation:
    start, end = typed(mention, "start_idx", int, where), typed(mention, "end_idx", int, where)
    entity = typed(mention, "entity", str, where)
    if text[start : end + 1] != entity:
        what = f"the entity {entity!r} is not at [{start}, {end}], where the text has {text[start : end + 1]!r}"
        raise DataError(what, where=where, mend="correct the offsets: both ends are inclusive")
    return start, end, typed(mention, "type", str, where)


def _spans(annotations: Iterable[Annotation]) -> tuple[list[Span], list[str]]:
    """The spans, and why the others could not be one."""
    listed = list(annotations)
    empty = [annotation for annotation in listed if annotation[1] == annotation[0] - 1]
    spans = [Span.of(start, end + 1, label) for start, end, label in listed if end != start - 1]
    return spans, [_EMPTY] * len(empty)
