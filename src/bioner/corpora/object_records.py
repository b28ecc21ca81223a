"""Files of JSON objects, a list or one after another: one document an object, and one object a document."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from bioner.corpora.json_objects import objects
from bioner.corpora.reading import DROPPED, Line, Reading
from bioner.corpora.record import parse_json
from bioner.documents import Document
from bioner.errors import DataError
from bioner.files import atomic_write

Item = TypeVar("Item")
Found = TypeVar("Found")

Make = Callable[[dict[str, Any], str, str], Document]
"""Makes a document of an object, its id, and its place in the file for errors."""


def read_objects(reading: Reading, make: Make) -> Iterator[Document]:
    """The documents of the objects of a file; the id is the `id` of the object, else the file and its number from 1.

    Raises:
        DataError: the file cannot be read, an object is malformed, or an `id` is neither text nor a whole number.
    """
    number = 0

    def blocks() -> Iterator[list[Line]]:
        nonlocal number
        for number, block in enumerate(objects(reading), 1):  # noqa: B007
            yield block

    def document(block: list[Line]) -> Document:
        default = f"{reading.name}#{number}"
        where = f"{reading.at(block[0].number)}, record {default}"
        record = parse_json("\n".join(line.text for line in block), where)
        if not isinstance(record, dict):
            raise DataError("not a JSON object", where=where, mend="write a list of objects, or one object a line")
        return make(record, _identity(record, default, where), where)

    return reading.each_block(blocks(), document)


def _identity(record: Mapping[str, Any], default: str, where: str) -> str:
    identity = record.get("id", default)
    if isinstance(identity, bool) or not isinstance(identity, str | int) or identity == "":
        raise DataError(f"the id {identity!r} is neither text nor a whole number", where=where, mend="correct the id")
    return str(identity)


def others(values: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """What an object or a meta has beside the known keys; what an earlier reading dropped is no part of it."""
    return {key: value for key, value in values.items() if key not in known and key != DROPPED}


def parsed(reading: Reading, items: Iterable[Item], parse: Callable[[Item], Found]) -> Iterator[Found]:
    """What the annotations of a record say; one that is wrong is left out, where defects are repaired.

    Raises:
        DataError: what `parse` raises, unless defects are to be repaired.
    """
    for item in items:
        try:
            found = parse(item)
        except DataError as error:
            reading.mended(error, "left out the annotation")
        else:
            yield found


def write_list(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write a JSON list atomically, one object a line."""
    with atomic_write(path) as out:
        before = "[\n"
        for record in records:
            out.write(before + json.dumps(record, ensure_ascii=False, allow_nan=False))
            before = ",\n"
        out.write("[]\n" if before == "[\n" else "\n]\n")


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON Lines atomically."""
    with atomic_write(path) as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
