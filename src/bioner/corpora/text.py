"""Plain text, one document a line; blank lines are ignored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioner.corpora.lines import read_lines
from bioner.corpora.record import line_id, make_document
from bioner.documents import Document


def read(path: Path, language: str, source: str) -> Iterator[Document]:
    """One unannotated document for every line that is not blank, without the spaces around it; ids are lines.

    Raises:
        DataError: the file cannot be read.
    """
    for number, line in read_lines(path):
        if line.strip():
            yield make_document(line_id(path, number), line.strip(), language, source, (), where=f"{path}:{number}")
