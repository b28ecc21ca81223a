"""Folders of standoff annotation, written: a text file and a file of entity lines for each document."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bioner.corpora.losses import count_unheld, named, one_line
from bioner.corpora.standoff import entity_lines
from bioner.corpora.standoff_folder import TEXT
from bioner.documents import Document
from bioner.errors import DataError
from bioner.files import atomic_directory

_NUL = re.compile("\0")
_MARK = codecs.BOM_UTF8.decode("utf-8")
_LONGEST_NAME = 255  # bytes: what common file systems allow


def write(path: Path, documents: Iterable[Document], suffix: str) -> Counter[str]:
    """Write a folder that replaces `path`.

    Returns:
        what was lost, by reason.

    Raises:
        DataError: an id cannot be the name of a file, or occurs twice.
    """
    lost: Counter[str] = Counter()
    seen: set[str] = set()
    with atomic_directory(path) as folder:
        for document in documents:
            _check_id(document.id, suffix, seen)
            count_unheld(document, lost, identity=True, meta=())
            text = one_line(document.text, lost, _NUL)
            mark = _MARK if text.startswith(_MARK) else ""  # the reader takes one off
            (folder / (document.id + TEXT)).write_text(mark + text, encoding="utf-8", newline="")
            lines = entity_lines(document.spans, text, lost)
            (folder / (document.id + suffix)).write_text(lines, encoding="utf-8", newline="")
    return named(lost)


def _check_id(identity: str, suffix: str, seen: set[str]) -> None:
    longest = len((identity + max(TEXT, suffix, key=len)).encode("utf-8", "surrogateescape"))
    if not identity or identity.startswith(".") or set("/\\\0") & set(identity) or longest > _LONGEST_NAME:
        mend = "give the document an id that can be the name of a file: not hidden, no path, not too long"
        raise DataError(
            "the id cannot be the name of a file", where=f"document {identity[:_LONGEST_NAME]!r}", mend=mend
        )
    if identity in seen:
        mend = "give every document an id of its own; files of one name would replace each other"
        raise DataError("the id occurs twice", where=f"document {identity!r}", mend=mend)
    seen.add(identity)
