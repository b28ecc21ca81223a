"""Sources of one record a file: a file stands for itself, a folder for all files of a kind below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bioner.corpora.lines import unreadable
from bioner.corpora.reading import Reading
from bioner.errors import DataError


def files(reading: Reading, *suffixes: str) -> Iterator[Reading]:
    """The reading itself if it is of a file, else one of each file below the folder, in the order of their names.

    What is touched in any of them is noted in the same list.

    Args:
        suffixes: of the files that count, in small letters.

    Raises:
        DataError: the folder cannot be read, or holds no such file.
    """
    try:
        if not reading.path.is_dir():
            yield reading
            return
        found = sorted(path for path in reading.path.rglob("*") if path.suffix.lower() in suffixes and path.is_file())
    except OSError as error:
        raise unreadable(reading.path, error) from error
    if not found:
        mend = "check the path; folders that are linked are not followed"
        raise DataError(f"the folder holds no file {' or '.join(suffixes)}", where=str(reading.path), mend=mend)
    for path in found:
        yield replace(reading, path=path)
