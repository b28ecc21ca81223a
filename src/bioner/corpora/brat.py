"""BRAT folders: `NAME.txt` and `NAME.ann`; mentions may be discontinuous.

In the `.ann` file a line end inside a mention is a blank. Only its entities (`T`) are spans, event triggers among them;
relations, events, attributes, normalisations, notes and equivalences are counted as dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bioner.corpora import standoff_folder, standoff_writing
from bioner.corpora.reading import Reading
from bioner.documents import Document

SUFFIX = ".ann"


def read(reading: Reading) -> Iterator[Document]:
    """The documents of a folder, sorted by their ids, or the one of a `.txt` or `.ann` file.

    Raises:
        DataError: a file is missing or cannot be read, a line is malformed, or a mention is not at its offsets.
    """
    return standoff_folder.read(reading, SUFFIX)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write a folder, which replaces what is there.

    Returns:
        what was lost, by reason.

    Raises:
        DataError: an id cannot be the name of a file, or occurs twice.
    """
    return standoff_writing.write(path, documents, SUFFIX)
