"""Annotating files: documents stream from a reader through a model into a file that is whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bioner.documents import Document, read_documents, write_documents
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.predictors import Predictor
from bioner.progress import track
from bioner.words import language_of

DOCUMENTS = ".jsonl"
TEXT = ".txt"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One file to annotate.

    Attributes:
        source: documents as JSON Lines, or one plain text.
        target: where the annotated documents go, as JSON Lines.
        language: of a plain text; guessed from the script if absent.
    """

    source: Path
    target: Path
    language: str | None = None

    def count(self) -> int:
        """How many documents there are; a wrong one at the end is told now, not after hours of work.

        Raises:
            DataError: the source cannot be read, or holds something else.
        """
        return sum(1 for _ in read(self.source, self.language))

    def run(self, predictor: Predictor, types: EntityTypes | None, batch_size: int, total: int) -> int:
        """Write the target and return how many documents there were; of the source only some batches are in memory."""
        predicted = predictor.predict(read(self.source, self.language), types, batch_size=batch_size)
        return write_documents(self.target, track(predicted, f"annotate {self.source.name}", total))


def read(source: Path, language: str | None = None) -> Iterator[Document]:
    """The documents of a `.jsonl` file; of any other file, its whole text as one document named like the file.

    Raises:
        DataError: the file cannot be read, is not UTF-8, or holds something else.
    """
    if source.suffix == DOCUMENTS:
        yield from read_documents(source)
    else:
        text = read_text(source)
        yield Document(source.stem, text, language or language_of(text))


def read_text(source: Path) -> str:
    """The text of a file.

    Raises:
        DataError: it cannot be read, or is not UTF-8.
    """
    try:
        return source.read_bytes().decode("utf-8")
    except OSError as error:
        mend = "check the path"
        raise DataError(f"the file cannot be read: {error.strerror}", where=str(source), mend=mend) from error
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8: {error.reason}", where=str(source), mend="convert it to UTF-8") from error


def plan(source: Path, target: Path, language: str | None = None, *, force: bool = False) -> list[Annotation]:
    """What has to be annotated: a file into a file, or each `.jsonl` and `.txt` of a folder into one of another folder.

    Raises:
        DataError: there is nothing to annotate, two files would become one, or a target is there already.
    """
    if source.is_dir():
        files = sorted(file for file in source.iterdir() if file.suffix in {DOCUMENTS, TEXT} and file.is_file())
        planned = [Annotation(file, target / f"{file.stem}{DOCUMENTS}", language) for file in files]
    else:
        planned = [Annotation(source, target, language)]
    if not planned:
        mend = f"name a folder with {DOCUMENTS} or {TEXT} files"
        raise DataError("the folder holds nothing to annotate", where=str(source), mend=mend)
    seen: set[Path] = set()
    for one in planned:
        if one.target in seen:
            raise DataError("two files would become this one", where=str(one.target), mend="rename one of them")
        seen.add(one.target)
        if one.target.is_dir() or one.target.resolve() == one.source.resolve():
            raise DataError("this cannot be written", where=str(one.target), mend="name another --out")
        if one.target.exists() and not force:
            raise DataError(
                "there is a file already", where=str(one.target), mend="name another --out, or give --force"
            )
    return planned
