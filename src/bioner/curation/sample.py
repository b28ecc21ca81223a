"""Sampling by seed, balanced over languages and, within a language, over sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bioner.documents import Document
from bioner.seeds import derive


def balanced(documents: Sequence[Document], limit: int, seed: int) -> list[Document]:
    """At most `limit` documents, in their order.

    Every language gets an equal share, and every source an equal share of its language's; what one cannot fill goes
    to the others. Within a source, those with the smallest hash of seed and id are taken, so that another document
    changes little.
    """
    groups: defaultdict[str, defaultdict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
    for document in documents:
        groups[document.language][document.source].append(document)
    languages = share(limit, {name: sum(map(len, sources.values())) for name, sources in groups.items()})
    taken: set[str] = set()
    for language, sources in groups.items():
        quotas = share(languages[language], {name: len(members) for name, members in sources.items()})
        for source, members in sources.items():
            ranked = sorted(members, key=lambda document: derive(seed, "sample", document.id))
            taken.update(document.id for document in ranked[: quotas[source]])
    return [document for document in documents if document.id in taken]


def share(limit: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Share `limit` between groups of these sizes as evenly as they can be filled; the largest gets the remainder."""
    shares: dict[str, int] = {}
    left = limit
    for done, name in enumerate(sorted(sizes, key=lambda name: (sizes[name], name))):
        shares[name] = min(sizes[name], left // (len(sizes) - done))
        left -= shares[name]
    return shares
