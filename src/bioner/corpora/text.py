"""Plain text, one document a line; blank lines are ignored."""

from __future__ import annotations

from collections.abc import Iterator

from bioner.corpora.lines import rows
from bioner.corpora.reading import Line, Reading
from bioner.documents import Document


def read(reading: Reading) -> Iterator[Document]:
    """One unannotated document for every line that is not blank, without the spaces around it; ids are lines.

    Raises:
        DataError: the file cannot be read.
    """

    def document(block: list[Line]) -> Document:
        (line,) = block
        return reading.document(reading.line_id(line.number), line.text.strip(), (), where=reading.at(line.number))

    return reading.each_block(rows(reading), document)
