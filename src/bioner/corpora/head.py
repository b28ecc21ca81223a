"""The beginning of a file, which is all that the detection of formats looks at, and what is found in it."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioner.corpora.lines import unreadable

_SIZE = 1 << 17  # bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """A format by name, in one sentence why, and the rest as in `bioner.corpora.detect.Detection`."""

    format: str
    why: str
    column: str | int | None = None
    others: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file.

    Attributes:
        raw: bytes, as they are.
        text: characters; of a gzip file those of its content, of bytes that are not UTF-8 a replacement character.
        whole: whether this is all of the file.
    """

    path: Path
    raw: bytes
    text: str
    whole: bool

    @property
    def lines(self) -> list[str]:
        """The lines, without one that may have been cut."""
        found = [line.removesuffix("\r") for line in self.text.split("\n")]
        return found if self.whole or len(found) == 1 else found[:-1]


def read_head(path: Path) -> Head:
    """Read the beginning.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as source:
            raw = source.read(_SIZE)
            whole = not source.read(1)
    except OSError as error:
        raise unreadable(path, error) from error
    content = _unpacked(path) if raw.startswith(b"\x1f\x8b") else raw
    text = codecs.getincrementaldecoder("utf-8-sig")("replace").decode(content)  # a cut character at the end is left
    return Head(path, raw, text, whole)


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as source:
            return source.read(_SIZE)
    except (OSError, EOFError, zlib.error):
        return b""


def longest_column(columns: Mapping[str, Sequence[str]]) -> str | None:
    """The column with the longest texts, the first of equals; `None` if there is none with any text."""
    lengths = {name: sum(map(len, texts)) / len(texts) for name, texts in columns.items() if any(texts)}
    return max(lengths, key=lengths.__getitem__, default=None)
