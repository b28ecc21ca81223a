"""Label maps: the annotations of a corpus or a system as the types that are judged, and what that leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bioner.config import LabelMap
from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.files import hash_value


def fingerprint(labels: LabelMap) -> str:
    """SHA-256 of what the map says, whatever its name and its order: a score is only comparable under one."""
    return hash_value({key: sorted(own) for key, own in labels.types.items()})


def mapped(documents: Sequence[Document], by_label: Mapping[str, str]) -> tuple[list[Document], dict[str, int]]:
    """The documents with the types that are judged, and how many spans of which other label were left out.

    Args:
        by_label: label -> type.
    """
    left: Counter[str] = Counter()
    found = []
    for document in documents:
        left.update(span.label for span in document.spans if span.label not in by_label)
        spans = (Span(s.fragments, by_label[s.label], s.score) for s in document.spans if s.label in by_label)
        found.append(document.with_spans(spans))
    return found, dict(sorted(left.items()))


def gold_of(documents: Sequence[Document], labels: LabelMap, where: str) -> tuple[list[Document], dict[str, int]]:
    """The gold documents with the types that are judged, and the labels that were left out.

    Args:
        where: the file, for errors.

    Raises:
        DataError: no label of the map occurs in them.
    """
    found, left = mapped(documents, labels.by_label)
    if not any(document.spans for document in found):
        known = ", ".join(left) or "none at all"
        raise DataError(
            f"no label of the map {labels.name!r} occurs in the documents; they have {known}",
            where=where,
            mend="name the labels as the file does, also by case",
        )
    return found, left


def of_models(labels: LabelMap) -> dict[str, str]:
    """The map of what models predict: the types that are judged stay what they are, all others are left out."""
    return {key: key for key in labels.types}


def of_others(labels: LabelMap, own: Mapping[str, Sequence[str]] | None) -> dict[str, str]:
    """The map of what another system predicts.

    Args:
        own: what the system calls each type; without it, the types and the labels of the corpus are known.
    """
    if own is not None:
        return {label: key for key, names in own.items() for label in names}
    return labels.by_label | of_models(labels)
