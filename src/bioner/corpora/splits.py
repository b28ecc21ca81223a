"""Preparing the splits of a corpus: labels to entity types, unique ids, a share of train for dev, a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.seeds import derive

_RANGE = 2**32  # of `derive`


def to_types(
    documents: Iterable[Document], labels: Mapping[str, str] | None, types: Collection[str], file: str
) -> tuple[list[Document], Counter[str]]:
    """Replace the labels of a file by the keys of entity types.

    Args:
        labels: label in the file -> key; others are dropped. `None`: the labels are the keys.
        types: the keys.
        file: for errors.

    Returns:
        the documents, and how many entities of which label were dropped.

    Raises:
        DataError: without `labels`, a label is none of the types.
    """
    kept: list[Document] = []
    dropped: Counter[str] = Counter()
    for document in documents:
        spans: list[Span] = []
        for span in document.spans:
            key = span.label if labels is None else labels.get(span.label)
            if key is None:
                dropped[span.label] += 1
            elif key in types:
                spans.append(Span(span.fragments, key, span.score))
            else:
                raise _unknown(span, document, types, file)
        kept.append(document.with_spans(spans))
    return kept, dropped


def _unknown(span: Span, document: Document, types: Collection[str], file: str) -> DataError:
    return DataError(
        f"the label {span.label!r} (of {span.mention(document.text)!r}) is not one of the types: {', '.join(types)}",
        where=f"{file}, record {document.id}",
        mend=f"add {span.label!r} to `types`, or say in `labels` of this corpus which label is which type",
    )


def with_unique_ids(documents: Iterable[Document]) -> list[Document]:
    """Number the documents whose id an earlier one has: `x`, `x.2`, `x.3`."""
    return list(unique_ids(documents))


def unique_ids(documents: Iterable[Document]) -> Iterator[Document]:
    """The same, one after another."""
    taken: set[str] = set()
    for document in documents:
        identity, number = document.id, 1
        while identity in taken:
            number += 1
            identity = f"{document.id}.{number}"
        taken.add(identity)
        yield document if number == 1 else _renamed(document, identity)


def _renamed(document: Document, identity: str) -> Document:
    return Document(identity, document.text, document.language, document.spans, document.source, document.meta)


def divide(documents: Iterable[Document], fraction: float, seed: int) -> tuple[list[Document], list[Document]]:
    """The documents that stay, and the share that is moved, by a hash of the seed and the text.

    Neither the order nor the other documents matter, and equal texts stay together.
    """
    stay: list[Document] = []
    move: list[Document] = []
    for document in documents:
        moved = derive(seed, "dev_fraction", document.text) < fraction * _RANGE
        (move if moved else stay).append(document)
    return stay, move


def limited(documents: Sequence[Document], limit: int | None, seed: int) -> list[Document]:
    """At most `limit` documents, those with the smallest hash of seed and id, in their order."""
    if limit is None or len(documents) <= limit:
        return list(documents)
    ranked = sorted(range(len(documents)), key=lambda index: derive(seed, "limit", documents[index].id))
    return [documents[index] for index in sorted(ranked[:limit])]
