"""The bytes of files that may be packed with gzip: in chunks, and of no more than a text can unpack to."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from bioner.corpora.lines import unreadable
from bioner.errors import DataError

_CHUNK = 1 << 16
_MARK = b"\x1f\x8b"
_ALWAYS = 1 << 26  # bytes that any file may unpack to
_EXPANSION = 200  # times its size, that a file may unpack to; XML comes to about 10


def unpacked(path: Path) -> Iterator[bytes]:
    """The bytes of a file in chunks, unpacked if it is gzip.

    Raises:
        DataError: the file cannot be read, its gzip stream is damaged, or unpacks to far more than any text does.
    """
    try:
        with path.open("rb") as packed:
            zipped = packed.read(2) == _MARK
            packed.seek(0)
            with gzip.GzipFile(fileobj=packed) if zipped else packed as source:
                total = 0
                while chunk := source.read(_CHUNK):
                    total += len(chunk)
                    if zipped and total > max(_ALWAYS, _EXPANSION * packed.tell()):
                        what = f"the file unpacks to more than {_EXPANSION} times its size"
                        raise DataError(what, where=str(path), mend="unpack it yourself if you trust it")
                    yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"the gzip stream is damaged: {error}", where=str(path), mend="fetch the file again") from error
    except OSError as error:
        raise unreadable(path, error) from error
