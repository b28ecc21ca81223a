"""Folders of standoff annotation, read: for each document a text file, and beside it files of annotation lines.

A document's id is the name of its files, without the suffix. Hidden files are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from bioner.corpora.lines import read_lines, unreadable
from bioner.corpora.reading import Reading, Touched
from bioner.corpora.standoff import ENTITY, entity, kind
from bioner.corpora.standoff_files import exact_text, is_there, regular_file
from bioner.documents import Document, Span
from bioner.errors import DataError

TEXT = ".txt"
TRIGGER = "event trigger"


class _Line(NamedTuple):
    where: str
    text: str


@dataclass(slots=True)
class _Found:
    """What annotation lines hold."""

    spans: list[Span] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    errors: list[DataError] = field(default_factory=list)
    noticed: list[Touched] = field(default_factory=list)


def read(reading: Reading, suffix: str, events: str | None = None) -> Iterator[Document]:
    """The documents of a folder, or the one that a text or annotation file belongs to, sorted by their ids.

    What is repaired on request: a missing annotation file is one without annotations; if more mentions fit when a line
    end of two characters counts as one, it is read so; other lines that are wrong are left out.

    Args:
        suffix: of the files whose entities are the spans.
        events: suffix of the files, if there are any, whose lines are all dropped and counted.

    Raises:
        DataError: the folder holds no such files; or a file is missing, unreadable or a link that leaves the folder, a
            line is malformed, or a mention is not what stands at its offsets.
    """
    names = _names(reading.path, tuple(filter(None, (TEXT, suffix, events))))
    folder = reading.path if reading.path.is_dir() else reading.path.parent

    def document(name: str) -> Document:
        file = regular_file(folder, name + TEXT)
        text = exact_text(replace(reading, path=file))
        lines = _lines(replace(reading, path=folder / (name + suffix)))
        found = _found(lines, text)
        if found.errors and reading.on_error == "repair" and "\r\n" in text:
            shorter = text.replace("\r\n", "\n")
            other = _found(lines, shorter)
            if len(other.errors) < len(found.errors):
                reading.mended(found.errors[0], "read every line end of the text as one character")
                text, found = shorter, other
        if events and is_there(folder / (name + events)):
            _drop(_lines(replace(reading, path=folder / (name + events))), found)
        for error in found.errors:
            reading.mended(error, "left out the line")
        reading.noticed.extend(found.noticed)
        return reading.document(name, text, found.spans, where=str(file), dropped=found.dropped)

    yield from reading.each(names, document)


def _names(path: Path, suffixes: Sequence[str]) -> list[str]:
    """The names of the documents, sorted."""
    try:
        files = [path] if path.is_file() else list(path.iterdir())
    except OSError as error:
        raise unreadable(path, error) from error
    found = {file.name.removesuffix(end) for file in files for end in suffixes if file.name.endswith(end)}
    names = sorted(name for name in found if name and not name.startswith("."))
    if not names:
        mend = f"give a folder of files that end in {', '.join(suffixes)}, or one of these files"
        raise DataError(f"there is no file that ends in {' or '.join(suffixes)}", where=str(path), mend=mend)
    return names


def _lines(reading: Reading) -> list[_Line]:
    """The lines of an annotation file that are not blank."""
    file = reading.path
    try:
        regular_file(file.parent, file.name)
    except DataError as error:
        if is_there(file):  # that there is none can be mended, not that it is something else
            raise
        reading.mended(error, "read the text as one without annotations")
        return []
    lines = []
    for line in read_lines(reading):
        if line.problem:
            raise line.problem
        if line.text.strip():
            lines.append(_Line(reading.at(line.number), line.text))
    return lines


def _found(lines: Iterable[_Line], text: str) -> _Found:
    """The entities of annotation lines, and the kinds of the other lines."""
    found = _Found()
    for where, line in lines:
        try:
            if line.startswith(ENTITY):
                found.spans.append(entity(line, text, where, found.noticed))
            else:
                found.dropped.append(kind(line, where))
        except DataError as error:
            found.errors.append(error)
    return found


def _drop(lines: Iterable[_Line], found: _Found) -> None:
    """Count the lines of a file of events; their entities are the words that name the events."""
    for where, line in lines:
        try:
            found.dropped.append(TRIGGER if line.startswith(ENTITY) else kind(line, where))
        except DataError as error:
            found.errors.append(error)
