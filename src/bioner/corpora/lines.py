"""Lines of text files, numbered: UTF-8 with or without a byte order mark, LF or CRLF; nothing else ends a line.

What is repaired on request: bytes that are not UTF-8 are read as Windows-1252, NUL characters become spaces.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bioner.corpora.reading import Line, Reading
from bioner.errors import DataError

_OTHER_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONGEST = 1 << 26  # bytes of a line: longer ones are no lines, and would not fit into memory several times over
_FALLBACK = "windows-1252"


def read_lines(reading: Reading) -> Iterator[Line]:
    """Yield the lines; spaces are kept. A line that cannot be read carries its problem, if records may be skipped.

    Raises:
        DataError: the file cannot be read; or a line cannot, and defects are not to be skipped or repaired.
    """
    number = 0
    try:
        with reading.path.open("rb") as source:
            while raw := source.readline(_LONGEST + 1):
                number += 1
                if number == 1:
                    _refuse_other_encodings(raw, reading.path)
                    raw = raw.removeprefix(codecs.BOM_UTF8)
                yield _line(number, raw, source, reading)
    except OSError as error:
        raise unreadable(reading.path, error) from error


def read_text(reading: Reading) -> str:
    """The whole of a text file.

    Raises:
        DataError: the file cannot be read, or is not UTF-8.
    """
    lines = []
    for line in read_lines(reading):
        if line.problem:
            raise line.problem
        lines.append(line.text)
    return "\n".join(lines)


def rows(reading: Reading) -> Iterator[list[Line]]:
    """Each line that is not blank, as a block of its own."""
    return ([line] for line in read_lines(reading) if line.problem or line.text.strip())


def unreadable(path: Path, error: OSError) -> DataError:
    """The error for a file that cannot be opened."""
    mend = "check `data_root`, and the path and the splits of this corpus in params.yaml"
    return DataError(f"the file cannot be read: {error.strerror}", where=str(path), mend=mend)


def _refuse_other_encodings(raw: bytes, path: Path) -> None:
    if raw.startswith(_OTHER_MARKS):
        mend = "convert the file to UTF-8, for example with iconv"
        raise DataError("the file is in UTF-16 or UTF-32, not in UTF-8", where=str(path), mend=mend)


def _line(number: int, raw: bytes, source: BinaryIO, reading: Reading) -> Line:
    if len(raw) > _LONGEST:
        while (more := source.readline(_LONGEST)) and not more.endswith(b"\n"):
            pass
        error = DataError(f"the line is longer than {_LONGEST:,} bytes", where=reading.at(number), mend="break it up")
        return _unreadable_line(number, "", error, reading)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        mend = "convert the file to UTF-8, for example with iconv"
        error = DataError(f"not UTF-8: {broken.reason}", where=reading.at(number), mend=mend)
        error.__cause__ = broken
        if reading.on_error != "repair":
            return _unreadable_line(number, raw.decode("utf-8", "replace"), error, reading)
        reading.mended(error, f"read the line as {_FALLBACK}")
        text = raw.decode(_FALLBACK, "replace")
    text = text.removesuffix("\n").removesuffix("\r")
    if "\0" in text:
        error = DataError("the line holds a NUL character", where=reading.at(number), mend="remove it")
        if reading.on_error != "repair":
            return _unreadable_line(number, text, error, reading)
        reading.mended(error, "put a space in its place")
        text = text.replace("\0", " ")
    return Line(number, text)


def _unreadable_line(number: int, text: str, error: DataError, reading: Reading) -> Line:
    if reading.on_error == "fail":
        raise error
    return Line(number, text.removesuffix("\n").removesuffix("\r"), error)
