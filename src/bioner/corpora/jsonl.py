"""Document files, the project's own JSON Lines form (see `bioner.documents`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import tee
from pathlib import Path

from bioner.corpora.lines import rows
from bioner.corpora.losses import ID, named
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import parse_json
from bioner.corpora.splits import unique_ids
from bioner.documents import Document, write_documents
from bioner.errors import DataError


def read(reading: Reading) -> Iterator[Document]:
    """The documents as they are, under the name of this corpus.

    Raises:
        DataError: the file cannot be read, a record is malformed, an id occurs twice, or a document is in another
            language.
    """
    seen: dict[str, int] = {}

    def document(block: list[Line]) -> Document:
        (line,) = block
        where = reading.at(line.number)
        record = parse_json(line.text, where)
        name = record.get("id") if isinstance(record, dict) else None
        try:
            found = Document.from_record(record)
            _check(found, reading.language, seen)
        except DataError as error:
            mend = error.mend or "correct or remove this record"
            raise DataError(error.what, where=f"{where}, record {name}", mend=mend) from error
        seen[found.id] = line.number
        return Document(found.id, found.text, found.language, found.spans, reading.source, found.meta)

    return reading.each_block(rows(reading), document)


def _check(document: Document, language: str, seen: dict[str, int]) -> None:
    if document.language != language:
        raise DataError(
            f"the document is in {document.language!r}, its corpus in {language!r}",
            mend="correct the language of the corpus, or give each language a corpus of its own",
        )
    if document.id in seen:
        mend = "give every document of a file its own id"
        raise DataError(f"the id {document.id!r} was already used on line {seen[document.id]}", mend=mend)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write document files, which hold everything but an id that an earlier document has: it is numbered, `x.2`.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()

    def unique() -> Iterator[Document]:
        given, numbered = tee(documents)
        for old, new in zip(given, unique_ids(numbered), strict=True):
            lost[ID] += new.id != old.id
            yield new

    write_documents(path, unique())
    return named(lost)
