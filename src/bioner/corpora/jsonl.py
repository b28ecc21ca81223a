"""Document files, the project's own JSON Lines form (see `bioner.documents`)."""

from __future__ import annotations

from collections.abc import Iterator

from bioner.corpora.lines import rows
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import parse_json
from bioner.documents import Document
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
