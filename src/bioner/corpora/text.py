"""Plain text, one document a line; blank lines are ignored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bioner.corpora.lines import rows
from bioner.corpora.losses import ANNOTATION, EMPTY_TEXT, SPACING, count_unheld, named, one_line
from bioner.corpora.reading import Line, Reading
from bioner.documents import Document
from bioner.files import atomic_write


def read(reading: Reading) -> Iterator[Document]:
    """One unannotated document for every line that is not blank, without the spaces around it; ids are lines.

    Raises:
        DataError: the file cannot be read.
    """

    def document(block: list[Line]) -> Document:
        (line,) = block
        return reading.document(reading.line_id(line.number), line.text.strip(), (), where=reading.at(line.number))

    return reading.each_block(rows(reading), document)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write the texts; a newline within one becomes a blank. Annotations are lost.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    with atomic_write(path) as out:
        for document in documents:
            count_unheld(document, lost, identity=False, meta=())
            lost[ANNOTATION] += len(document.spans)
            line = one_line(document.text, lost)
            lost[EMPTY_TEXT] += not line.strip()
            lost[SPACING] += bool(line.strip()) and line.strip() != line
            if line.strip():
                out.write(line + "\n")
    return named(lost)
