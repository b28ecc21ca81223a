"""Gold documents beside their predictions: pooled over files, paired by id, and refused where they do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bioner.documents import Document, read_documents
from bioner.errors import DataError


def pair_documents(gold: Sequence[Document], predicted: Sequence[Document]) -> list[tuple[Document, Document]]:
    """The documents of both sides by id, in the order of the ids, so that the order of the files never matters.

    Raises:
        DataError: there is nothing to score, an id occurs twice or on one side only, or two texts differ.
    """
    golds, predictions = _by_id(gold, "gold"), _by_id(predicted, "predicted")
    if not golds and not predictions:
        raise DataError("there is no document to score", mend="give at least one gold document and its prediction")
    lonely = sorted(set(golds) ^ set(predictions))
    if lonely:
        side = "prediction" if lonely[0] in golds else "gold document"
        raise DataError(
            f"the document {lonely[0]!r} has no {side}",
            where=f"{len(lonely)} of {len(golds)} gold and {len(predictions)} predicted documents lack the other side",
            mend="predict the same document file that you score against",
        )
    pairs = [(golds[key], predictions[key]) for key in sorted(golds)]
    for one, other in pairs:
        if one.text != other.text:
            raise DataError(
                f"the document {one.id!r} has another text in the predictions than in the gold data",
                where=f"character {_first_difference(one.text, other.text)}",
                mend="predict the same document file that you score against",
            )
    return pairs


def _by_id(documents: Iterable[Document], side: str) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for document in documents:
        if document.id in found:
            mend = "give every document its own id; `pool` does it for several files"
            raise DataError(f"the id {document.id!r} occurs twice among the {side} documents", mend=mend)
        found[document.id] = document
    return found


def _first_difference(one: str, other: str) -> int:
    different = (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(different, min(len(one), len(other)))


def pool(corpora: Mapping[str, Iterable[Document]]) -> list[Document]:
    """The documents of several corpora as one set; ids become `corpus/id`, since they are unique within a file only."""
    return [replace(doc, id=f"{name}/{doc.id}") for name in sorted(corpora) for doc in corpora[name]]


def read_pool(folder: Path) -> list[Document]:
    """All document files of a folder (a test split, or the predictions of a model), pooled by the names of the files.

    Raises:
        DataError: a file is not valid.
    """
    return pool({file.stem: read_documents(file) for file in folder.glob("*.jsonl")})
