"""Parquet tables of unannotated text, one document a row; rows whose text is blank or missing are no documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bioner.corpora.lines import unreadable
from bioner.corpora.reading import Reading, Touched
from bioner.documents import Document
from bioner.errors import DataError

_BATCH = 1024  # rows that are in memory at once
_SAMPLE = 20
_REST = "left out the rest of the file"


def read(reading: Reading, column: str | int) -> Iterator[Document]:
    """Read a column of strings, a batch of rows at a time; ids are the file and the number of the row, from 1.

    Args:
        column: the column's name.

    Raises:
        DataError: the file cannot be read or is no Parquet, or has no such column of strings.
    """
    known = text_columns(reading.path)
    if column not in known:
        mend = f"name one of these columns as `column` of the corpus: {', '.join(known) or '(there is none)'}"
        raise DataError(f"the table has no column of strings {column!r}", where=str(reading.path), mend=mend)
    return reading.each(_cells(reading, str(column)), lambda cell: _document(*cell, reading))


def text_columns(path: Path) -> list[str]:
    """The names of the columns that hold strings.

    Raises:
        DataError: the file cannot be read, or is no Parquet.
    """
    import pyarrow as arrow

    try:
        with _opened(path) as file:
            return [field.name for field in file.schema_arrow if _is_text(field.type)]
    except (arrow.ArrowException, OSError, UnicodeError) as error:
        raise _broken(path, error) from error


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    plain = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(plain) or types.is_large_string(plain))


def _opened(path: Path) -> Any:
    from pyarrow import parquet

    return parquet.ParquetFile(path, page_checksum_verification=True)


def _cells(reading: Reading, column: str) -> Iterator[tuple[int, str]]:
    """The number and the text of each row that has one."""
    import pyarrow as arrow

    number = 0
    try:
        with _opened(reading.path) as file:
            for batch in file.iter_batches(_BATCH, columns=[column]):
                for value in batch.column(0).to_pylist():
                    number += 1
                    if value and value.strip():
                        yield number, value.strip()
    except (arrow.ArrowException, OSError, UnicodeError) as error:
        broken = _broken(reading.path, error, f", row {number + 1}")
        if reading.on_error == "fail" or not number:
            raise broken from error
        reading.touched.append(Touched(broken.where, broken.what, _REST))


def _document(number: int, text: str, reading: Reading) -> Document:
    identity = f"{reading.name}#{number}"
    return reading.document(identity, text, (), where=f"{reading.path}, row {number}")


def _broken(path: Path, error: Exception, place: str = "") -> DataError:
    if isinstance(error, OSError) and error.strerror:
        return unreadable(path, error)
    mend = "write the file again; it may be truncated"
    return DataError(f"not a readable Parquet file: {error}", where=f"{path}{place}", mend=mend)


def samples(path: Path) -> dict[str, list[str]]:
    """The first texts of each column that holds strings.

    Raises:
        DataError: the file cannot be read, or is no Parquet.
    """
    import pyarrow as arrow

    columns = text_columns(path)
    try:
        with _opened(path) as file:
            batch = next(file.iter_batches(_SAMPLE, columns=columns), None) if columns else None
    except (arrow.ArrowException, OSError, UnicodeError) as error:
        raise _broken(path, error) from error
    if batch is None:
        return {}
    return {name: [value for value in batch.column(name).to_pylist() if value] for name in columns}
