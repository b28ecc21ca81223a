"""BioC JSON: a collection with its `documents`, several collections, or documents alone (see `bioner.corpora.bioc`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bioner.corpora import bioc, bioc_writing
from bioner.corpora.bioc_json_records import find_records
from bioner.corpora.losses import named
from bioner.corpora.reading import Reading
from bioner.corpora.record import parse_json, typed
from bioner.documents import Document
from bioner.errors import DataError
from bioner.files import atomic_write


def read(reading: Reading) -> Iterator[Document]:
    """The documents of a file, which may hold one object, a list of objects, or one a line.

    Raises:
        DataError: the file cannot be read, a record is malformed, or a mention is not at its locations.
    """

    def document(placed: tuple[str, Any]) -> Document:
        where, record = placed
        if isinstance(record, DataError):
            raise record
        return bioc.document(record, reading, where)

    yield from reading.each(_records(reading), document)


def _records(reading: Reading) -> Iterator[tuple[str, Any]]:
    """The record of each document with its place; instead of what cannot be read, the error."""
    for found in find_records(reading):
        where = reading.at(found.line)
        try:
            if found.problem:
                raise found.problem
            value = parse_json(found.text, where)
            if not isinstance(value, dict) or "documents" not in value:
                yield where, value
                continue
            records = typed(value, "documents", list, where)  # a collection whose list begins on a line of its own
        except DataError as error:
            yield where, error
            continue
        for record in records:
            yield where, record


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write one collection.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    with atomic_write(path) as out:
        out.write(json.dumps({**bioc_writing.HEADER, "infons": {}}).removesuffix("}") + ', "documents": [')
        for number, document in enumerate(documents):
            record = json.dumps(bioc_writing.record(document, lost), ensure_ascii=False, allow_nan=False)
            out.write((",\n" if number else "\n") + record)
        out.write("\n]}\n")
    return named(lost)
