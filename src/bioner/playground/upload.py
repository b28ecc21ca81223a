"""An uploaded file: its name, size and content are checked, and its name is never one of a file here."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from bioner.documents import Document
from bioner.errors import DataError
from bioner.serving.files import DOCUMENTS, TEXT, read
from bioner.serving.limits import Limits
from bioner.serving.refusal import RefusedError
from bioner.serving.request import NO_CHARACTER

_LONGEST = 100  # characters of a name
_STRANGE = re.compile(r"[^\w. -]")


def read_upload(name: str, raw: bytes, limits: Limits) -> list[Document]:
    """The texts of a file as its documents, without annotations.

    Args:
        name: what the browser calls the file; its ending says what it is, and its last part names a plain text.
        raw: its content, of a size that was checked.

    Raises:
        RefusedError: it is neither text nor documents, is damaged or empty, or holds too much.
    """
    plain = _STRANGE.sub("_", PurePosixPath(name.replace("\\", "/")).name)[-_LONGEST:]
    suffix = PurePosixPath(plain).suffix.lower()
    if suffix not in {DOCUMENTS, TEXT}:
        raise RefusedError(415, f"a file is taken as plain text ({TEXT}) or as documents ({DOCUMENTS})")
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder) / f"upload{suffix}"
        aside.write_bytes(raw)
        try:
            documents = list(read(aside))
        except DataError as error:
            where = error.where.replace(str(aside), plain)
            raise RefusedError(422, f"{where}: {error.what}") from None
    documents = [replace(document, spans=()) for document in documents if document.text.strip()]
    if suffix == TEXT:
        documents = [replace(document, id=plain) for document in documents]
    _check(documents, limits)
    return documents


def _check(documents: list[Document], limits: Limits) -> None:
    if not documents:
        raise RefusedError(422, "there is no text in the file")
    if len(documents) > limits.documents:
        raise RefusedError(413, f"{len(documents)} documents in the file; at most {limits.documents} are taken")
    for document in documents:
        if len(document.text) > limits.characters:
            what = f"the document {document.id!r} has {len(document.text)} characters"
            raise RefusedError(413, f"{what}; at most {limits.characters} are taken")
        if NO_CHARACTER.search(document.text) or NO_CHARACTER.search(document.id):
            raise RefusedError(422, f"the document {document.id!r} holds a NUL or half a surrogate pair: no text")
