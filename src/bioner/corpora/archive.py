"""Unpacking zip and tar archives that nobody vouches for: nothing lands outside the folder or exceeds the limits.

Only files and folders are taken. A link, a device, an absolute name, a name with `..`, a name that occurs twice or an
encrypted member refuses the whole archive. Archives within an archive stay packed.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from lzma import LZMAError
from pathlib import Path
from typing import IO, NamedTuple

from bioner.errors import DataError

MOST_FILES = 100_000
MOST_BYTES = 8 << 30  # unpacked
_LONGEST_NAME = 1000
_BLOCK = 1 << 20
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, EOFError, OSError, NotImplementedError)


class _Member(NamedTuple):
    name: str
    content: IO[bytes] | None  # `None`: a folder


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive or a tar archive, compressed or not."""
    try:
        with path.open("rb") as source:
            zipped = source.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
        return zipped or tarfile.is_tarfile(path)
    except _BROKEN:
        return False


def unpack(archive: Path, folder: Path, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES) -> None:
    """Unpack into an empty folder.

    Raises:
        DataError: the archive is damaged, holds what is refused, or exceeds a limit.
    """
    room = most_bytes
    try:
        for number, (name, content) in enumerate(_members(archive), 1):
            if number > most_files:
                raise _refused(archive, f"holds more than {most_files:,} files")
            target = folder / _safe(name, archive)
            if content is None:
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with content, target.open("xb") as out:
                while block := content.read(min(_BLOCK, room + 1)):
                    room -= len(block)
                    if room < 0:
                        raise _refused(archive, f"holds more than {most_bytes:,} bytes")
                    out.write(block)
    except FileExistsError as error:
        raise _refused(archive, f"holds a name twice: {Path(str(error.filename)).name}") from error
    except _BROKEN as error:
        raise _refused(archive, f"cannot be read: {error or type(error).__name__}") from error


def _members(archive: Path) -> Iterator[_Member]:
    return _of_zip(archive) if zipfile.is_zipfile(archive) else _of_tar(archive)


def _of_zip(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as members:
        for info in members.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _refused(archive, f"holds a link or a device: {info.filename}")
            if info.flag_bits & 1:
                raise _refused(archive, f"holds an encrypted file: {info.filename}")
            yield _Member(info.filename, None if info.is_dir() else members.open(info))


def _of_tar(archive: Path) -> Iterator[_Member]:
    with closing(tarfile.open(archive)) as members:
        for info in members:
            if not info.isreg() and not info.isdir():
                raise _refused(archive, f"holds a link or a device: {info.name}")
            yield _Member(info.name, members.extractfile(info))


def _safe(name: str, archive: Path) -> str:
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or len(name) > _LONGEST_NAME:
        raise _refused(archive, f"holds a name that leads elsewhere: {name[:100]!r}")
    return name


def _refused(archive: Path, what: str) -> DataError:
    return DataError(
        f"the archive {what}", where=str(archive), mend="unpack it yourself, look at it, and add the folder"
    )
