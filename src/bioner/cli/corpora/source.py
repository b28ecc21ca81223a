"""A file that a verb reads: its format and language, given or found out, and its documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from bioner.config import TABLES, Format, OnError
from bioner.corpora.detect import Detection, detect
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_for
from bioner.documents import Document
from bioner.errors import ConfigError
from bioner.words import language_of

_PEEK = 20  # documents that the language is guessed from

FormatOption = Annotated[Format | None, typer.Option("--format", help="Format; found out if absent.")]
ColumnOption = Annotated[
    str | None, typer.Option("--column", help="Column of the text in a table: its name, or its number from 1.")
]
LanguageOption = Annotated[str | None, typer.Option("--language", help="Language; guessed from the script if absent.")]
OnErrorOption = Annotated[OnError, typer.Option("--on-error", help="What happens to records that are wrong.")]


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder of one format.

    Attributes:
        detection: the format, and why it is that.
        reading: how it is read; holds what was touched once the documents have been read.
        guessed: whether the language is a guess.
    """

    detection: Detection
    reading: Reading
    guessed: bool

    def documents(self) -> Iterator[Document]:
        """The documents, read from the beginning.

        Raises:
            DataError: as the reader of the format.
        """
        return reader_for(self.detection.format, self.detection.column)(self.reading)

    def own_id(self, document: Document) -> bool:
        """Whether the id of a document was in the file, and not made from the place in it."""
        return not document.id.startswith((f"{self.reading.path.name}:", f"{self.reading.path.name}#"))

    def to_record(self) -> dict[str, Any]:
        """Path, format and language as a JSON object."""
        found = self.detection
        return {
            "path": str(self.reading.path),
            "format": found.format,
            "why": found.why,
            "column": found.column,
            "could_also_be": list(found.others),
            "language": self.reading.language,
            "language_guessed": self.guessed,
        }


@dataclass(frozen=True, slots=True)
class How:
    """How a file is to be read, as the options say; what they do not say is found out."""

    form: Format | None = None
    column: str | int | None = None
    language: str | None = None
    on_error: OnError = "fail"

    def open(self, path: Path, name: str = "") -> Source:
        """Find out what was not given.

        Args:
            name: of the corpus; that of the file if empty.

        Raises:
            DataError: the file is not there, or is in no known format.
            ConfigError: a table of the given format has no column of text that could be found.
        """
        detection = _given(path, self.form, self.column) if self.form else detect(path)
        if self.column is not None:
            detection = replace(detection, column=_column(self.column))
        known = self.language or detection.language
        guess = known or _language(Reading(path, "en", name, "skip"), detection)
        return Source(detection, Reading(path, guess, name or path.name, self.on_error), guessed=known is None)


def _given(path: Path, form: Format, column: str | int | None) -> Detection:
    why = "the command line says so"
    if column is not None or form not in TABLES:
        return Detection(form, why)
    found = detect(path)
    if found.format != form:
        what = f"the file does not look like {form}, so its column of text cannot be found out"
        raise ConfigError(what, where=str(path), mend="name the column with --column")
    return found


def _column(given: str | int) -> str | int:
    return int(given) if isinstance(given, str) and given.isascii() and given.isdecimal() else given


def _language(reading: Reading, detection: Detection) -> str:
    documents = islice(reader_for(detection.format, detection.column)(reading), _PEEK)
    return language_of("\n".join(document.text for document in documents))
