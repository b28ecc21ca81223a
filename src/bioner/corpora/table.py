"""Tables of unannotated text: CSV with quoted fields, and TSV without quoting; one document a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from bioner.corpora.lines import read_lines, unreadable
from bioner.corpora.record import line_id, make_document
from bioner.documents import Document
from bioner.errors import DataError

Row = tuple[int, Sequence[str]]  # the line where the row begins, and its fields


def read_csv(path: Path, language: str, source: str, column: str | int) -> Iterator[Document]:
    """Read comma-separated values; fields may be quoted, and may then hold commas and newlines (RFC 4180).

    Args:
        column: which column holds the text: its name in the first row, or its number from 1 in a table without
            a row of names.

    Raises:
        DataError: the file cannot be read, or a row lacks the column.
    """
    return _documents(_csv_rows(path), path, language, source, column)


def read_tsv(path: Path, language: str, source: str, column: str | int) -> Iterator[Document]:
    """Read tab-separated values, one row a line, quotes being ordinary characters; otherwise as `read_csv`."""
    rows = ((number, line.split("\t")) for number, line in read_lines(path) if line.strip())
    return _documents(rows, path, language, source, column)


def _csv_rows(path: Path) -> Iterator[Row]:
    begin = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines, strict=True)
            for row in rows:
                if row:
                    yield begin, row
                begin = rows.line_num + 1
    except OSError as error:
        raise unreadable(path, error) from error
    except (csv.Error, UnicodeDecodeError) as error:
        mend = "write UTF-8, fields with commas or newlines in double quotes"
        raise DataError(f"not CSV: {error}", where=f"{path}:{begin}", mend=mend) from error


def _documents(rows: Iterator[Row], path: Path, language: str, source: str, column: str | int) -> Iterator[Document]:
    index = _index(next(rows, None), column, path) if isinstance(column, str) else column - 1
    for number, row in rows:
        where = f"{path}:{number}"
        if len(row) <= index:
            raise DataError(f"the row has {len(row)} column(s), the text is in column {index + 1}", where=where)
        if row[index].strip():
            yield make_document(line_id(path, number), row[index].strip(), language, source, (), where=where)


def _index(names: Row | None, column: str, path: Path) -> int:
    found = names[1] if names else ()
    if column not in found:
        mend = f"name one of these columns as `column` of the corpus: {', '.join(found)}"
        raise DataError(f"the table has no column {column!r}", where=f"{path}:1", mend=mend)
    return found.index(column)
