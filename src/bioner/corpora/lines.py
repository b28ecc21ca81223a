"""Lines of text files, numbered: UTF-8 with or without a byte order mark, LF or CRLF; nothing else ends a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioner.errors import DataError

_BOM = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield `(number, line)`, numbered from 1, without the end of the line; spaces are kept.

    Raises:
        DataError: the file cannot be read, or a line is not UTF-8.
    """
    try:
        with path.open("rb") as source:
            for number, raw in enumerate(source, 1):
                line = raw.removeprefix(_BOM) if number == 1 else raw
                yield number, _decode(line, path, number).removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise unreadable(path, error) from error


def read_text(path: Path) -> str:
    """The whole of a text file.

    Raises:
        DataError: the file cannot be read, or is not UTF-8.
    """
    return "\n".join(line for _, line in read_lines(path))


def unreadable(path: Path, error: OSError) -> DataError:
    """The error for a file that cannot be opened."""
    mend = "check `data_root`, and the path and the splits of this corpus in params.yaml"
    return DataError(f"the file cannot be read: {error.strerror}", where=str(path), mend=mend)


def _decode(raw: bytes, path: Path, number: int) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        mend = "convert the file to UTF-8, for example with iconv"
        raise DataError(f"not UTF-8: {error.reason}", where=f"{path}:{number}", mend=mend) from error
