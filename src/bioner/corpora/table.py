"""Tables of unannotated text: CSV with quoted fields, and TSV without quoting; one document a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from bioner.corpora.lines import read_lines, unreadable
from bioner.corpora.reading import Reading
from bioner.documents import Document
from bioner.errors import DataError

Row = tuple[int, Sequence[str]]  # the line where the row begins, and its fields


def read_csv(reading: Reading, column: str | int) -> Iterator[Document]:
    """Read comma-separated values; fields may be quoted, and may then hold commas and newlines (RFC 4180).

    Args:
        column: which column holds the text: its name in the first row, or its number from 1 in a table without
            a row of names.

    Raises:
        DataError: the file cannot be read, or a row lacks the column.
    """
    return _documents(_csv_rows(reading), reading, column)


def read_tsv(reading: Reading, column: str | int) -> Iterator[Document]:
    """Read tab-separated values, one row a line, quotes being ordinary characters; otherwise as `read_csv`."""
    rows = ((line.number, line.text.split("\t")) for line in read_lines(reading) if line.text.strip())
    return _documents(rows, reading, column)


def _csv_rows(reading: Reading) -> Iterator[Row]:
    begin = 1
    try:
        with reading.path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines, strict=True)
            for row in rows:
                if any(field.strip() for field in row):
                    yield begin, row
                begin = rows.line_num + 1
    except OSError as error:
        raise unreadable(reading.path, error) from error
    except (csv.Error, UnicodeDecodeError) as error:
        mend = "write UTF-8, fields with commas or newlines in double quotes"
        raise DataError(f"not CSV: {error}", where=reading.at(begin), mend=mend) from error


def _documents(rows: Iterator[Row], reading: Reading, column: str | int) -> Iterator[Document]:
    index = _index(next(rows, None), column, reading) if isinstance(column, str) else column - 1

    def document(row: Row) -> Document:
        line, fields = row
        if len(fields) <= index:
            what = f"the row has {len(fields)} column(s), the text is in column {index + 1}"
            raise DataError(what, where=reading.at(line))
        return reading.document(reading.line_id(line), fields[index].strip(), (), where=reading.at(line))

    texts = (row for row in rows if len(row[1]) <= index or row[1][index].strip())
    return reading.each(texts, document)


def _index(names: Row | None, column: str, reading: Reading) -> int:
    found = names[1] if names else ()
    if column not in found:
        mend = f"name one of these columns as `column` of the corpus: {', '.join(found)}"
        raise DataError(f"the table has no column {column!r}", where=reading.at(1), mend=mend)
    return found.index(column)
