"""Predictions of other systems: files of theirs, matched to the gold documents by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioner.corpora.detect import detect
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_for
from bioner.documents import Document
from bioner.errors import DataError
from bioner.evaluation.pairing import pair_documents

_SHOWN = 3  # ids that an error names


@dataclass(frozen=True, slots=True)
class Matched:
    """What a system said of the gold documents.

    Attributes:
        documents: the gold documents with its spans and labels; one that its file lacks has none.
        missing: how many its file lacks: what is in them counts as missed.
        unused: documents of its file that are not judged.
    """

    documents: list[Document]
    missing: int
    unused: int


def read_other(file: Path, gold: Sequence[Document]) -> Matched:
    """Read what another system predicted, in PubTator, document JSON Lines, or any format that is read here.

    Raises:
        DataError: the file is not valid, has an id twice, none of the gold documents, or another text of one.
    """
    form, reading = detect(file), Reading(file, gold[0].language, file.stem)
    found: dict[str, Document] = {}
    for document in reader_for(form.format, form.column)(reading):
        if document.id in found:
            mend = "give every document one record with all its spans"
            raise DataError(f"the id {document.id!r} occurs twice", where=str(file), mend=mend)
        found[document.id] = document
    common = [document for document in gold if document.id in found]
    if not common:
        raise DataError(
            f"none of its {len(found)} documents ({_named(list(found))}) is one of the {len(gold)} that are judged "
            f"({_named([document.id for document in gold])})",
            where=str(file),
            mend="keep the ids of the corpus; of a file without ids they are FILE:LINE",
        )
    _check_texts(common, [found[document.id] for document in common], file)
    documents = [document.with_spans(found[document.id].spans if document.id in found else ()) for document in gold]
    return Matched(documents, len(gold) - len(common), len(found) - len(common))


def _check_texts(gold: Sequence[Document], predicted: Sequence[Document], file: Path) -> None:
    try:
        pair_documents(gold, predicted)
    except DataError as error:
        mend = "let the system read the texts of the corpus as they are: offsets count from their beginning"
        raise DataError(error.what, where=f"{file}, {error.where}", mend=mend) from error


def _named(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")
