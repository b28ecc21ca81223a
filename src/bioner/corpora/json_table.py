"""Tables of unannotated text in JSON, one document an object: an object a line, or one file of objects.

The text is the value of a key: a string, or a list of strings, which are joined by newlines. An object whose text is
blank or null is no document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bioner.corpora.lines import read_text, rows
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import parse_json
from bioner.documents import Document
from bioner.errors import DataError


def read_jsonl(reading: Reading, column: str | int) -> Iterator[Document]:
    """Read one object a line; ids are lines.

    Args:
        column: the key.

    Raises:
        DataError: the file cannot be read, a line is no JSON object, or the value is no text.
    """

    def document(block: list[Line]) -> Document:
        (line,) = block
        where = reading.at(line.number)
        return _document(parse_json(line.text, where), reading, column, reading.line_id(line.number), where)

    return (document for document in reading.each_block(rows(reading), document) if document.text)


def read_json(reading: Reading, column: str | int) -> Iterator[Document]:
    """Read one JSON value: a list of objects, or an object of them, whose keys are their ids.

    Args:
        column: the key.

    Raises:
        DataError: the file cannot be read or is no such value, or the value of the key is no text.
    """
    where = str(reading.path)
    value = parse_json(read_text(reading), where)
    if isinstance(value, list):
        records = [(f"{reading.name}#{number}", record) for number, record in enumerate(value, 1)]
    elif isinstance(value, dict):
        records = list(value.items())
    else:
        raise DataError("neither a list nor an object", where=where, mend="write a list of objects")

    def document(record: tuple[str, Any]) -> Document:
        return _document(record[1], reading, column, record[0], f"{where}, record {record[0]}")

    yield from (document for document in reading.each(records, document) if document.text)


def _document(record: Any, reading: Reading, column: str | int, identity: str, where: str) -> Document:
    if not isinstance(record, dict) or column not in record:
        found = f"; it has {', '.join(record) or 'none'}" if isinstance(record, dict) else ""
        mend = "every record needs the key that `column` of the corpus names"
        raise DataError(f"the record has no key {column!r}{found}", where=where, mend=mend)
    return reading.document(identity, _text(record[column], column, where), (), where=where)


def _text(value: Any, column: str | int, where: str) -> str:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(value).strip()
    if value is None:
        return ""
    if not isinstance(value, str):
        what = f"{column!r} is not a string but {type(value).__name__}"
        raise DataError(what, where=where, mend="name the column of the text as `column` of the corpus")
    return value.strip()
