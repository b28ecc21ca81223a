"""BioC documents, as both of its forms hold them, read: passages at offsets, and annotations at locations in the text.

The text is the passages, each at its offset. What lies before one is filled with blanks, the last of which is a line
end; between the sentences of one passage, with blanks alone; before an empty one, not at all. The label of an
annotation is its infon `type`; several locations are a discontinuous mention. Infons of a document, and the passages,
are kept in `meta`; relations, other infons of annotations, the bounds of sentences and keys that BioC does not have are
counted as dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioner.corpora.bioc_layout import Mention, Passage, best_fit
from bioner.corpora.reading import DROPPED, Reading
from bioner.corpora.record import typed
from bioner.documents import Document
from bioner.errors import DataError

LABEL = "type"  # the infon that names the entity type
PASSAGES = "passages"  # key of `Document.meta`: [start, end, infons] of each passage
RESERVED = frozenset({DROPPED, PASSAGES})  # keys of `Document.meta` that are no infons

_KEYS: Mapping[str, frozenset[str]] = {
    "document": frozenset({"id", "infons", "passages", "annotations", "relations"}),
    "passage": frozenset({"infons", "offset", "text", "sentences", "annotations", "relations"}),
    "annotation": frozenset({"id", "infons", "text", "locations"}),
}


def document(record: Any, reading: Reading, where: str) -> Document:
    """The document of a record in the form of BioC JSON.

    What is repaired on request: if more mentions fit when offsets count UTF-16 units or UTF-8 bytes, they are read so;
    annotations that are still wrong are left out.

    Args:
        where: the file and the line or number of the record, for errors.

    Raises:
        DataError: a key is missing or of the wrong type, the offset of a passage goes backwards, or a mention is not
            what stands at its locations.
    """
    identity = str(record["id"]) if isinstance(record, dict) and type(record.get("id")) is int else None
    identity = identity or typed(record, "id", str, where)
    here = f"{where}, record {identity}"
    contents = _Contents(reading, here)
    contents.add_document(record)
    found = best_fit(contents.passages, contents.mentions, reading, here)
    for error in found.errors:
        reading.mended(error, "left out the annotation")
    reading.noticed.extend(found.noticed)
    passages = [[*extent, dict(p.infons)] for extent, p in zip(found.extents, contents.passages, strict=True)]
    meta = contents.infons | {PASSAGES: passages}
    return reading.document(identity, found.text, found.spans, where=where, dropped=contents.dropped, meta=meta)


class _Contents:
    """What a record holds, taken apart."""

    def __init__(self, reading: Reading, where: str) -> None:
        self._reading = reading
        self._where = where
        self.passages: list[Passage] = []
        self.mentions: list[Mention] = []
        self.infons: dict[str, Any] = {}
        self.dropped: list[str] = []

    def add_document(self, record: Any) -> None:
        """Take apart a whole record."""
        infons = _infons(record, self._where)
        self.infons = {key: value for key, value in infons.items() if key not in RESERVED}
        self.dropped += [f"infon {key!r}" for key in infons if key in RESERVED]
        self._add_shared(record, "document")
        for passage in typed(record, "passages", list, self._where):
            self._add_passage(passage)

    def _add_passage(self, passage: Any) -> None:
        infons = _infons(passage, self._where)
        sentences = _listed(passage, "sentences", self._where)
        self._add_shared(passage, "passage")
        for sentence in sentences:
            _infons(sentence, self._where)
            self._add_shared(sentence, "passage")
        pieces = [passage] if passage.get("text") is not None or not sentences else sentences
        self.dropped += ["sentence"] * len(sentences)
        self.passages.append(Passage(infons, tuple(self._piece(piece) for piece in pieces)))

    def _piece(self, record: Any) -> tuple[int, str]:
        text = "" if record.get("text") is None else typed(record, "text", str, self._where)
        return typed(record, "offset", int, self._where), text

    def _add_shared(self, record: Any, level: str) -> None:
        """What every level may have: annotations, relations, and keys that BioC does not know."""
        for number, annotation in enumerate(_listed(record, "annotations", self._where), 1):
            try:
                self._add_annotation(annotation, number)
            except DataError as error:
                self._reading.mended(error, "left out the annotation")
        self.dropped += ["relation"] * len(_listed(record, "relations", self._where))
        self._drop_unknown(record, level)

    def _add_annotation(self, annotation: Any, number: int) -> None:
        where = f"{self._where}, annotation {annotation.get('id', number) if isinstance(annotation, dict) else number}"
        infons = _infons(annotation, where)
        label = typed(infons, LABEL, str, where)
        if not label:
            raise DataError("the entity type is empty", where=where, mend=f"name it in the infon {LABEL!r}")
        text = None if annotation.get("text") is None else typed(annotation, "text", str, where)
        locations = [
            (typed(location, "offset", int, where), typed(location, "length", int, where))
            for location in _listed(annotation, "locations", where)
        ]
        filled = tuple(location for location in locations if location[1] != 0)
        self.dropped += [f"infon {key!r}" for key in infons if key != LABEL]
        self._drop_unknown(annotation, "annotation")
        if filled:
            self.mentions.append(Mention(label, text, filled, where))
        else:
            self.dropped.append("empty extent" if locations else "annotation without a location")

    def _drop_unknown(self, record: Mapping[str, Any], level: str) -> None:
        self.dropped += [f"key {key!r}" for key, value in record.items() if key not in _KEYS[level] and value]


def _infons(record: Any, where: str) -> dict[str, Any]:
    if isinstance(record, dict) and record.get("infons") is None:
        return {}
    infons: dict[str, Any] = typed(record, "infons", dict, where)
    return infons


def _listed(record: Any, key: str, where: str) -> list[Any]:
    """A list that may be missing."""
    if isinstance(record, dict) and record.get(key) is None:
        return []
    found: list[Any] = typed(record, key, list, where)
    return found
