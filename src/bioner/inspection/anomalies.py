"""What is odd about the documents of a corpus, without being wrong: kinds of anomalies, how many, and where."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Literal, get_args

from bioner.documents import Document, Span
from bioner.words import Words

Kind = Literal[
    "repeated id",
    "repeated text",
    "blank text",
    "replacement characters in the text",
    "blanks at the ends of a mention",
    "mention differs from its offsets",
    "same entity twice",
    "entity off word boundaries",
    "entity across a sentence end",
    "labels that differ only in case",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_SHOWN = 5  # places that are kept of each kind
_UNKNOWN = "\ufffd"

Extent = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A kind of anomaly.

    Attributes:
        count: how many there are.
        places: the first of them, each with its record or line.
    """

    kind: Kind
    count: int
    places: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """The anomaly as a JSON object."""
        return asdict(self)


class Anomalies:
    """Collects anomalies, one document after the other; of texts and ids it keeps hashes only."""

    def __init__(self) -> None:
        self._counts: Counter[Kind] = Counter()
        self._places: defaultdict[Kind, list[str]] = defaultdict(list)
        self._texts: dict[bytes, str] = {}
        self._ids: set[bytes] = set()
        self._labels: dict[str, Counter[str]] = defaultdict(Counter)

    def note(self, kind: Kind, place: str) -> None:
        """Count one, and keep the place if it is among the first."""
        self._counts[kind] += 1
        if len(self._places[kind]) < _SHOWN:
            self._places[kind].append(place)

    def see(self, document: Document, words: Words, sentences: Sequence[Extent]) -> None:
        """Look at the next document, with its words and its sentences."""
        self._see_text(document)
        starts = {start for start, _ in words.offsets}
        ends = {end for _, end in words.offsets}
        begins = [start for start, _ in sentences]
        for span, times in Counter(document.spans).items():
            mention = span.mention(document.text)
            place = f"{document.id}: {mention!r} ({span.label}) at {span.start}"
            self._labels[span.label.casefold()][span.label] += times
            if times > 1:
                self.note("same entity twice", place)
            if any(document.text[start:end] != document.text[start:end].strip() for start, end in span.fragments):
                self.note("blanks at the ends of a mention", place)
            elif not _at_words(span, starts, ends):
                self.note("entity off word boundaries", place)
            if bisect_right(begins, span.start) != bisect_right(begins, span.end - 1):
                self.note("entity across a sentence end", place)

    def _see_text(self, document: Document) -> None:
        identity, text = _hash(document.id), _hash(document.text)
        if identity in self._ids:
            self.note("repeated id", document.id)
        self._ids.add(identity)
        if text in self._texts:
            self.note("repeated text", f"{document.id} repeats {self._texts[text]}")
        self._texts.setdefault(text, document.id)
        if not document.text.strip():
            self.note("blank text", document.id)
        if _UNKNOWN in document.text:
            self.note("replacement characters in the text", document.id)

    def found(self) -> tuple[Anomaly, ...]:
        """All anomalies of the documents seen, by kind."""
        for spellings in self._labels.values():
            if len(spellings) > 1:
                times = ", ".join(f"{label} ({count:,})" for label, count in spellings.most_common())
                self.note("labels that differ only in case", times)
        self._labels.clear()
        kinds = (kind for kind in KINDS if self._counts[kind])
        return tuple(Anomaly(kind, self._counts[kind], tuple(self._places[kind])) for kind in kinds)


def _at_words(span: Span, starts: set[int], ends: set[int]) -> bool:
    return all(start in starts and end in ends for start, end in span.fragments)


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
