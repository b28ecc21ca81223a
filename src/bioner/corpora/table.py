"""Tables of unannotated text, one document a row: CSV with quoted fields, and TSV without quoting.

A row whose text is blank is no document.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bioner.corpora.lines import read_lines
from bioner.corpora.reading import Reading
from bioner.documents import Document
from bioner.errors import DataError

_LONGEST = 1 << 26  # characters of a field


class _Row(NamedTuple):
    """A row of a table in text: the line where it begins, its fields, and why it cannot be read."""

    line: int
    fields: Sequence[str]
    problem: DataError | None = None


def read_csv(reading: Reading, column: str | int) -> Iterator[Document]:
    """Read comma-separated values; fields may be quoted, and may then hold commas and newlines (RFC 4180).

    Args:
        column: which column holds the text: its name in the first row, or its number from 1 in a table without
            a row of names.

    Raises:
        DataError: the file cannot be read, or a row is malformed or lacks the column.
    """
    return _documents(csv_rows(reading), reading, column)


def read_tsv(reading: Reading, column: str | int) -> Iterator[Document]:
    """Read tab-separated values, one row a line, quotes being ordinary characters; otherwise as `read_csv`."""
    found = (line for line in read_lines(reading) if line.problem or line.text.strip())
    split = (_Row(line.number, line.text.split("\t"), line.problem) for line in found)
    return _documents(split, reading, column)


def csv_rows(reading: Reading) -> Iterator[_Row]:
    """The rows of a CSV file that are not blank.

    Raises:
        DataError: the file cannot be read; or a row cannot, and defects are not to be skipped or repaired.
    """
    csv.field_size_limit(_LONGEST)  # for the process; the default is too small for a full text
    problems: list[DataError] = []

    def texts() -> Iterator[str]:
        for line in read_lines(reading):
            problems.extend([line.problem] if line.problem else [])
            yield line.text + "\n"

    reader, begin = csv.reader(texts(), strict=True), 1
    while True:
        problems.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            mend = "put fields with commas or newlines in double quotes, and double the quotes within"
            what = f"not CSV: {error} (lines {begin} to {reader.line_num})"
            problem = DataError(what, where=reading.at(begin), mend=mend)
            problem.__cause__ = error
            if reading.on_error == "fail":
                raise problem from error
            yield _Row(begin, (), problem)
        else:
            if problems or any(field.strip() for field in fields):
                yield _Row(begin, fields, problems[0] if problems else None)
        begin = reader.line_num + 1


def _documents(rows: Iterator[_Row], reading: Reading, column: str | int) -> Iterator[Document]:
    index = _index(next(rows, None), column, reading) if isinstance(column, str) else column - 1

    def document(row: _Row) -> Document:
        where = reading.at(row.line)
        if row.problem:
            raise row.problem
        if len(row.fields) <= index:
            what = f"the row has {len(row.fields)} column(s), the text is in column {index + 1}"
            raise DataError(what, where=where, mend="correct or remove this row, or `column` of the corpus")
        return reading.document(reading.line_id(row.line), row.fields[index].strip(), (), where=where)

    texts = (row for row in rows if row.problem or len(row.fields) <= index or row.fields[index].strip())
    return reading.each(texts, document)


def _index(names: _Row | None, column: str, reading: Reading) -> int:
    if names and names.problem:
        raise names.problem
    found = names.fields if names else ()
    if column not in found:
        mend = f"name one of these columns as `column` of the corpus: {', '.join(found)}"
        raise DataError(f"the table has no column {column!r}", where=reading.at(1), mend=mend)
    return found.index(column)
