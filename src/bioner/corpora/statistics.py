"""What a set of documents holds: the figures that every reading of a corpus reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from bioner.documents import Document, Span
from bioner.words import Words


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts over documents.

    Attributes:
        nested: entities that lie inside another of their document (from first to last character); of those with one
            and the same extent, all but one.
        discontinuous: entities of more than one fragment.
        repeated_ids: documents whose id an earlier one has.
        repeated_texts: documents whose text an earlier one has.
        types: entities of each label, sorted by label.
    """

    documents: int
    words: int
    entities: int
    nested: int
    discontinuous: int
    repeated_ids: int
    repeated_texts: int
    types: dict[str, int]

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Statistics:
        """Count, one document after the other; of ids and texts only hashes are kept."""
        labels: Counter[str] = Counter()
        ids: set[bytes] = set()
        texts: set[bytes] = set()
        count, words, nested, discontinuous = 0, 0, 0, 0
        for document in documents:
            count += 1
            words += len(Words.of(document.text))
            labels.update(span.label for span in document.spans)
            nested += count_nested(document.spans)
            discontinuous += sum(not span.contiguous for span in document.spans)
            ids.add(_hash(document.id))
            texts.add(_hash(document.text))
        return cls(
            documents=count,
            words=words,
            entities=labels.total(),
            nested=nested,
            discontinuous=discontinuous,
            repeated_ids=count - len(ids),
            repeated_texts=count - len(texts),
            types=dict(sorted(labels.items())),
        )

    def to_record(self) -> dict[str, Any]:
        """The counts as a JSON object."""
        return asdict(self)


def count_nested(spans: Sequence[Span]) -> int:
    """How many spans lie inside a wider one, or repeat the extent of another; in O(n log n)."""
    extents = Counter((span.start, span.end) for span in spans)
    nested, reached = 0, -1
    for (_, end), times in sorted(extents.items(), key=lambda item: (item[0][0], -item[0][1])):
        nested += times if end <= reached else times - 1
        reached = max(reached, end)
    return nested


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
