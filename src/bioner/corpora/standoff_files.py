"""Files of a folder of standoff annotation: safe to open, and texts exactly as they are.

Line ends stay as the file has them, since the offsets count all of it; a byte order mark at the beginning is no part of
the text.
"""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from bioner.corpora.lines import unreadable
from bioner.corpora.reading import Reading
from bioner.errors import DataError

_LONGEST = 1 << 26  # bytes of a text
_OTHER_MARKS = (codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # of UTF-32-LE begins as of UTF-16-LE
_FALLBACK = "windows-1252"  # as for lines: what a text that is not UTF-8 is read as on request


def is_there(file: Path) -> bool:
    """Whether there is something of that name, be it a link that leads nowhere."""
    return os.path.lexists(file)


def regular_file(folder: Path, name: str) -> Path:
    """A file of the folder that is safe to open.

    Raises:
        DataError: it is missing, no regular file (a pipe would never end), or a link that leaves the folder.
    """
    file = folder / name
    if any("\ud800" <= character <= "\udfff" for character in name):  # how Python shows bytes of no encoding
        raise DataError("the name of the file is not UTF-8", where=repr(str(file)), mend="rename the file")
    try:
        regular = file.is_file()
        escapes = regular and not file.resolve().is_relative_to(folder.resolve())
    except OSError as error:
        raise unreadable(file, error) from error
    if escapes:
        raise DataError("the file is a link that leaves the folder", where=str(file), mend="put the file itself there")
    if not regular:
        mend = "each document needs its text and its annotations: add the file, or take out the others of that name"
        raise DataError("the file is missing, or is no regular file", where=str(file), mend=mend)
    return file


def exact_text(reading: Reading) -> str:
    """The whole text of a file; only where defects are repaired, a wrong encoding is guessed and NUL becomes a space.

    Raises:
        DataError: the file cannot be read, is not UTF-8, holds NUL characters, or is no text of one document.
    """
    where = str(reading.path)
    try:
        with reading.path.open("rb") as source:
            raw = source.read(_LONGEST + 1)
    except OSError as error:
        raise unreadable(reading.path, error) from error
    if len(raw) > _LONGEST:
        raise DataError(f"the text is longer than {_LONGEST:,} bytes", where=where, mend="break it up")
    if raw.startswith(_OTHER_MARKS):
        raise DataError("the file is in UTF-16 or UTF-32, not in UTF-8", where=where, mend="convert it to UTF-8")
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        defect = DataError(f"not UTF-8: {broken.reason}", where=reading.at(line), mend="convert the file to UTF-8")
        reading.mended(defect, f"read the text as {_FALLBACK}")
        text = raw.decode(_FALLBACK, "replace")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        defect = DataError("the text holds a NUL character", where=reading.at(line), mend="remove it")
        reading.mended(defect, "put a space in its place")
        text = text.replace("\0", " ")
    return text
