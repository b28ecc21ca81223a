"""Patents as CSV (RFC 4180, UTF-8), one a row, unannotated: title, abstract and description.

The first row names the columns, in any order; others are ignored:

- `id`, `patent_id` or `publication_number` (needed);
- `title` or `patent_title`; `abstract` or `patent_abstract`; `description` or `description_text` (one of them needed).

A field may be 64 Mi characters long.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bioner.corpora.lines import read_lines
from bioner.corpora.reading import Reading
from bioner.corpora.sections import SECTIONS, joined
from bioner.documents import Document
from bioner.errors import DataError

_ID = ("id", "patent_id", "publication_number")
_TEXTS = {
    "title": ("title", "patent_title"),
    "abstract": ("abstract", "patent_abstract"),
    "description": ("description", "description_text"),
}
_LONGEST = 1 << 26  # the csv module allows 128 Ki characters a field, and descriptions are longer


class _Row(NamedTuple):
    """A row, the line where it begins, and why it cannot be read."""

    line: int
    fields: Sequence[str]
    problem: DataError | None = None


class _Feed:
    """The lines of the file as the csv module wants them; remembers the first problem of the lines of a row."""

    def __init__(self, reading: Reading) -> None:
        self._lines = read_lines(reading)
        self.begin = self.number = 0
        self.problem: DataError | None = None

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.number = line.number
            self.begin = self.begin or line.number
            self.problem = self.problem or line.problem
            yield line.text + "\n"

    def row(self, fields: Sequence[str], problem: DataError | None = None) -> _Row:
        """The row that has been read."""
        row = _Row(self.begin, fields, self.problem or problem)
        self.begin, self.problem = 0, None
        return row


def read(reading: Reading) -> Iterator[Document]:
    """One document a patent.

    Raises:
        DataError: the file cannot be read or lacks a column; a row is malformed or has no id, with file and line.
    """
    rows = _rows(reading)
    columns = _columns(next(rows, None), reading)

    def document(row: _Row) -> Document:
        where = reading.at(row.line)
        if row.problem:
            raise row.problem
        if len(row.fields) != columns["columns"]:
            what = f"the row has {len(row.fields)} columns, the first row names {columns['columns']}"
            raise DataError(what, where=where, mend="put fields with commas, quotes or newlines in double quotes")
        identity = row.fields[columns["id"]].strip()
        if not identity:
            raise DataError("the patent has no id", where=where, mend="give it one")
        text, places = joined((part, row.fields[columns[part]].strip()) for part in _TEXTS if part in columns)
        return reading.document(identity, text, (), where=where, meta={SECTIONS: places})

    return reading.each(rows, document)


def _rows(reading: Reading) -> Iterator[_Row]:
    """The rows that are not blank; after one that is not CSV, reading goes on with the next line."""
    csv.field_size_limit(_LONGEST)
    feed = _Feed(reading)
    rows = csv.reader(iter(feed), strict=True)
    while True:
        try:
            fields = next(rows, None)
        except csv.Error as error:
            where = reading.at(feed.begin)
            lines = f"lines {feed.begin} to {feed.number}"
            mend = "put fields with commas, quotes or newlines in double quotes, and double the quotes in them"
            yield feed.row((), DataError(f"{lines} are not CSV: {error}", where=where, mend=mend))
            continue
        if fields is None:
            return
        row = feed.row(fields)
        if row.problem or any(field.strip() for field in fields):
            yield row


def _columns(names: _Row | None, reading: Reading) -> Mapping[str, int]:
    """The index of the id and of each text, and how many columns there are."""
    if names and names.problem:
        raise names.problem
    fields = [field.strip().lower() for field in names.fields] if names else []
    wanted = {"id": _ID} | _TEXTS
    found = {
        part: fields.index(alias) for part, aliases in wanted.items() for alias in reversed(aliases) if alias in fields
    }
    if "id" not in found or not found.keys() & _TEXTS:
        known = ", ".join(alias for aliases in wanted.values() for alias in aliases)
        raise DataError(
            "the first row names no column of ids, or none of texts",
            where=reading.at(names.line if names else 1),
            mend=f"name the columns; known are {known}",
        )
    return found | {"columns": len(fields)}
