"""CMeEE, the Chinese medical entity corpus, in both of its formats; end offsets in the files are inclusive.

V1 is lines of `text|||start    end    type|||start    end    type|||`, V2 a JSON list of objects with `text` and
`entities` (`start_idx`, `end_idx`, `type`, `entity`). An annotation that ends just before it starts holds no
character and cannot be a span: it is counted as dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bioner.corpora.lines import rows
from bioner.corpora.losses import contiguous, count_unheld, named, one_line
from bioner.corpora.object_records import parsed, read_objects, write_list
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import typed
from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.files import atomic_write

_SEPARATOR = "|||"
_ANNOTATION = re.compile(r"(\d{1,15})\s+(\d{1,15})\s+(\S+)", re.ASCII)  # Python parses no numbers of any length
_UNWRITABLE = re.compile(r"[\r\n\0]|\|{3}|\|+$")  # in a text of V1: what ends it
_BAD_LABEL = re.compile(r"[\s\0|]")
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
        items = (item for item in rest if item.strip())
        spans, dropped = _spans(parsed(reading, items, lambda item: _annotation(item, where)))
        return reading.document(reading.line_id(line.number), text, spans, where=where, dropped=dropped)

    return reading.each_block(rows(reading), document)


def _annotation(item: str, where: str) -> Annotation:
    match = _ANNOTATION.fullmatch(item.strip())
    if not match:
        raise DataError(f"{item!r} is not an annotation", where=where, mend="write start, end and type")
    return int(match[1]), int(match[2]), match[3]


def read_v2(reading: Reading) -> Iterator[Document]:
    """One document an object; its id is its `id`, else the file and the number of the object, from 1.

    Raises:
        DataError: the file cannot be read, a record is malformed, or a mention is not what stands at its offsets.
    """

    def document(record: dict[str, Any], identity: str, where: str) -> Document:
        text = typed(record, "text", str, where)
        mentions = typed(record, "entities", list, where)
        spans, dropped = _spans(parsed(reading, mentions, lambda mention: _mention(mention, text, where)))
        return reading.document(identity, text, spans, where=where, dropped=dropped)

    return read_objects(reading, document)


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


def write_v1(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write lines; what would end a text early in it, a newline or `|||`, becomes blanks.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    with atomic_write(path) as out:
        for document in documents:
            count_unheld(document, lost, identity=False, meta=())
            fields = [one_line(document.text, lost, _UNWRITABLE)]
            for span in contiguous(document, lost, _BAD_LABEL):
                fields.append(f"{span.start}    {span.end - 1}    {span.label}")
            out.write(_SEPARATOR.join([*fields, "\n"]))
    return named(lost)


def write_v2(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write a JSON list.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()

    def record(document: Document) -> dict[str, Any]:
        count_unheld(document, lost, identity=True, meta=())
        entities = [
            {"start_idx": s.start, "end_idx": s.end - 1, "type": s.label, "entity": s.mention(document.text)}
            for s in contiguous(document, lost)
        ]
        return {"id": document.id, "text": document.text, "entities": entities}

    write_list(path, map(record, documents))
    return named(lost)
