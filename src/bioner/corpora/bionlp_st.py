"""BioNLP shared task folders: `NAME.txt`, the given entities in `NAME.a1`, and maybe the events in `NAME.a2`.

The entities of `.a1` are the spans. All of `.a2` is counted as dropped: event triggers, events, modifications,
relations and equivalences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bioner.corpora import standoff_folder, standoff_writing
from bioner.corpora.reading import Reading
from bioner.documents import Document

ENTITIES, EVENTS = ".a1", ".a2"


def read(reading: Reading) -> Iterator[Document]:
    """The documents of a folder, sorted by their ids, or the one of a `.txt`, `.a1` or `.a2` file.

    Raises:
        DataError: a file is missing or cannot be read, a line is malformed, or a mention is not at its offsets.
    """
    return standoff_folder.read(reading, ENTITIES, EVENTS)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write a folder without events, which replaces what is there.

    Returns:
        what was lost, by reason.

    Raises:
        DataError: an id cannot be the name of a file, or occurs twice.
    """
    return standoff_writing.write(path, documents, ENTITIES)
