"""What two corpora have in common: documents by id and by text, sentences, mentions, and entities; both ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from bioner.curation.hashing import key_of
from bioner.curation.minhash import shingle_length
from bioner.curation.sentences import sentences
from bioner.documents import Document
from bioner.inspection.similar import Elements, similar
from bioner.words import Words

Unit = Literal["ids", "texts", "sentences", "mentions", "entities"]
Key = int | str | tuple[str, int]  # of a text or mention, an id, an entity
UNITS: tuple[Unit, ...] = get_args(Unit)
_NEAR = 0.8  # Jaccard similarity of the sets of word n-grams from which two texts are near to each other


@dataclass(frozen=True, slots=True)
class Part:
    """How much of one side is on the other side, too.

    Attributes:
        different: how many different ones there are.
        shared: of these, how many are on the other side.
        near: of the others, how many are near to one on the other side; of texts and sentences only.
        total: how many there are, repeated ones counted again.
        covered: of these, how many are on the other side.
    """

    different: int
    shared: int
    near: int
    total: int
    covered: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two corpora share, of each unit from either side.

    Attributes:
        same_entities: of the texts that both have, how many have the same entities.
    """

    left: dict[Unit, Part]
    right: dict[Unit, Part]
    same_entities: int

    def to_record(self) -> dict[str, Any]:
        """The overlap as a JSON object."""
        return asdict(self)


class Side:
    """What is compared of one corpus; texts and mentions are equal but for case, blanks and tokenisation."""

    def __init__(self) -> None:
        self.counts: dict[Unit, Counter[Key]] = {unit: Counter() for unit in UNITS}
        self.texts: dict[Unit, dict[int, tuple[str, str]]] = {"texts": {}, "sentences": {}}  # key -> text, language
        self.entities: dict[int, set[Key]] = {}  # key of a text -> keys of its entities

    def add(self, document: Document, own_id: bool) -> None:
        """Take a document.

        Args:
            own_id: whether the id is the document's own, and not made from the place in its file.
        """
        if own_id:
            self.counts["ids"][document.id] += 1
        text = self._add_text("texts", document.text, document.language)
        for start, end in sentences(document.text):
            self._add_text("sentences", document.text[start:end], document.language)
        for span in document.spans:
            mention = key_of(span.mention(document.text))
            entity = (span.label, mention)
            self.counts["mentions"][mention] += 1
            self.counts["entities"][entity] += 1
            self.entities.setdefault(text, set()).add(entity)

    def _add_text(self, unit: Unit, text: str, language: str) -> int:
        key = key_of(text)
        self.counts[unit][key] += 1
        self.texts[unit].setdefault(key, (text, language))
        return key


def _shingles(text: str, language: str) -> Elements:
    """All runs of so many words, but for case; the whole text where it has fewer."""
    n = shingle_length(language)
    words = [word.casefold() for word in Words.of(text).texts(text)]
    return frozenset("\0".join(words[index : index + n]) for index in range(max(len(words) - n, 0) + 1))


def side_of(documents: Iterable[tuple[Document, bool]]) -> Side:
    """A side of documents, each with whether its id is its own."""
    side = Side()
    for document, own_id in documents:
        side.add(document, own_id)
    return side


def compare(left: Side, right: Side) -> Overlap:
    """Count what is on both sides."""
    parts: tuple[dict[Unit, Part], dict[Unit, Part]] = ({}, {})
    for unit in UNITS:
        for side, other, found in ((left, right, parts[0]), (right, left, parts[1])):
            counts, there = side.counts[unit], other.counts[unit].keys()
            shared = counts.keys() & there
            covered = sum(counts[key] for key in shared)
            found[unit] = Part(len(counts), len(shared), _near(unit, side, other), counts.total(), covered)
    both = left.texts["texts"].keys() & right.texts["texts"].keys()
    same = sum(left.entities.get(text) == right.entities.get(text) for text in both)
    return Overlap(*parts, same)


def _near(unit: Unit, side: Side, other: Side) -> int:
    """How many of a side are near to one of the other side, those that are on both sides left out."""
    if unit not in side.texts:
        return 0
    mine, theirs = side.texts[unit], other.texts[unit]
    alone = [_shingles(*text) for key, text in mine.items() if key not in theirs]
    return len(similar(alone, [_shingles(*text) for text in theirs.values()] if alone else [], _NEAR))
