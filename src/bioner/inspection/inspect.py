"""What a corpus file holds: its figures, its lengths, its anomalies, and a few examples; in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bioner.corpora.reading import DROPPED, Reading
from bioner.corpora.statistics import Statistics
from bioner.curation.sentences import sentences
from bioner.documents import Document
from bioner.inspection.anomalies import Anomalies, Anomaly
from bioner.words import Words

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long things are, in words: the shortest, the middle one, and the longest."""

    least: int
    median: int
    most: int

    @classmethod
    def of(cls, counted: Counter[int]) -> Lengths:
        """From length -> how many have it."""
        middle, seen = (counted.total() + 1) // 2, 0
        for length in sorted(counted):
            seen += counted[length]
            if seen >= middle:
                return cls(min(counted), length, max(counted))
        return cls(0, 0, 0)

    def to_record(self) -> dict[str, int]:
        """The lengths as a JSON object."""
        return {"least": self.least, "median": self.median, "most": self.most}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file.

    Attributes:
        unannotated: documents without an entity.
        dropped: reason -> how many annotations of the file have no place in a document.
        examples: the first documents with entities, or if there are none the first ones.
    """

    statistics: Statistics
    sentences: int
    unannotated: int
    document_words: Lengths
    entity_words: Lengths
    dropped: dict[str, int]
    anomalies: tuple[Anomaly, ...]
    examples: tuple[Document, ...]

    def to_record(self) -> dict[str, Any]:
        """The inspection as a JSON object."""
        return self.statistics.to_record() | {
            "sentences": self.sentences,
            "unannotated": self.unannotated,
            "document_words": self.document_words.to_record(),
            "entity_words": self.entity_words.to_record(),
            "dropped": self.dropped,
            "anomalies": [anomaly.to_record() for anomaly in self.anomalies],
            "examples": [document.to_record() for document in self.examples],
        }


def inspect(documents: Iterable[Document], reading: Reading) -> Inspection:
    """Look at every document once, and at what the reading noticed.

    Raises:
        DataError: the documents cannot be read.
    """
    look = _Look()
    statistics = Statistics.of(look.at(documents))
    for odd in reading.noticed:
        look.anomalies.note("mention differs from its offsets", f"{odd.where}: {odd.what}; {odd.done}")
    return Inspection(
        statistics,
        look.sentences,
        look.unannotated,
        Lengths.of(look.document_words),
        Lengths.of(look.entity_words),
        dict(sorted(look.dropped.items())),
        look.anomalies.found(),
        tuple(look.annotated or look.others),
    )


class _Look:
    """What is counted while the documents pass by."""

    def __init__(self) -> None:
        self.sentences = self.unannotated = 0
        self.document_words: Counter[int] = Counter()
        self.entity_words: Counter[int] = Counter()
        self.dropped: Counter[str] = Counter()
        self.anomalies = Anomalies()
        self.annotated: list[Document] = []
        self.others: list[Document] = []

    def at(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Pass the documents on."""
        for document in documents:
            words, parts = Words.of(document.text), list(sentences(document.text))
            self.sentences += len(parts)
            self.unannotated += not document.spans
            self.document_words[len(words)] += 1
            self.entity_words.update(len(Words.of(span.mention(document.text))) for span in document.spans)
            self.dropped.update(document.meta.get(DROPPED, {}))
            self.anomalies.see(document, words, parts)
            kept = self.annotated if document.spans else self.others
            if len(kept) < _EXAMPLES:
                kept.append(document)
            yield document
