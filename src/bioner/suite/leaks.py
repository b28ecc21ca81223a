"""Leaks: the documents of a set that occur in what the models were trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bioner.curation.compare import Comparison
from bioner.curation.leakage import leakage
from bioner.documents import Document

Sets = Mapping[str, Sequence[Document]]


def by_language(name: str, documents: Sequence[Document]) -> dict[str, list[Document]]:
    """Documents as sets of one language each, which is what can be compared."""
    found: dict[str, list[Document]] = {}
    for document in documents:
        found.setdefault(f"{name}/{document.language}", []).append(document)
    return found


def leaked(documents: Sequence[Document], trained: Sets, comparison: Comparison) -> set[str]:
    """The ids of the documents that occur, equal or nearly so, in a training set of their language.

    All of them are compared first: only where something leaks, each is compared alone, to find out which.

    Args:
        trained: name -> documents of one language.
    """
    if not any(pair.near for pair in leakage(trained, {"all": documents}, comparison)):
        return set()
    alone = {document.id: [document] for document in documents}
    return {pair.judged for pair in leakage(trained, alone, comparison) if pair.near}
