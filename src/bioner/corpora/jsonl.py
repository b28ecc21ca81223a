"""Document files, the project's own JSON Lines form (see `bioner.documents`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioner.documents import Document, read_documents
from bioner.errors import DataError


def read(path: Path, language: str, source: str) -> Iterator[Document]:
    """The documents as they are, under the name of this corpus.

    Raises:
        DataError: the file cannot be read, a record is malformed, or a document is in another language.
    """
    for document in read_documents(path):
        if document.language != language:
            raise DataError(
                f"the document is in {document.language!r}, its corpus in {language!r}",
                where=f"{path}, record {document.id}",
                mend="correct the language of the corpus, or give each language a corpus of its own",
            )
        yield Document(document.id, document.text, language, document.spans, source, document.meta)
