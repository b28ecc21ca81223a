"""What a set of documents holds: the figures that every reading of a corpus reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
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
        """Count."""
        listed = list(documents)
        labels = Counter(span.label for document in listed for span in document.spans)
        return cls(
            documents=len(listed),
            words=sum(len(Words.of(document.text)) for document in listed),
            entities=labels.total(),
            nested=sum(count_nested(document.spans) for document in listed),
            discontinuous=sum(not span.contiguous for document in listed for span in document.spans),
            repeated_ids=len(listed) - len({document.id for document in listed}),
            repeated_texts=len(listed) - len({document.text for document in listed}),
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
