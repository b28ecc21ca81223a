"""JSON objects of a text and of its entities as characters, a list of them or one a line (spaCy, Prodigy, Doccano).

The keys of an object, exactly:
- `text`, a string; it must be there.
- the first of `entities`, `spans`, `ents`, `labels`, `label` that it has, a list; it must have one of them. Each entity
  is `[start, end, label]`, or an object with `start` or `start_offset`, `end` or `end_offset`, and `label`; it may
  have `score`, and `text`, which must then be what stands at the offsets. Offsets are code points, `end` exclusive.
- `id`, text or a whole number; it may be missing.
- any other key is kept as meta.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bioner.corpora.losses import META, contiguous, count_unheld, named
from bioner.corpora.object_records import others, parsed, read_objects, write_lines
from bioner.corpora.reading import Reading
from bioner.corpora.record import typed
from bioner.documents import Document, Span
from bioner.errors import DataError

_LISTS = ("entities", "spans", "ents", "labels", "label")
_WRITTEN = ("id", "text", _LISTS[0])


def read(reading: Reading) -> Iterator[Document]:
    """One document an object.

    Raises:
        DataError: the file cannot be read, or an object is malformed, with file and line.
    """

    def document(record: dict[str, Any], identity: str, where: str) -> Document:
        text = typed(record, "text", str, where)
        key = next((key for key in _LISTS if key in record), None)
        if key is None:
            mend = f"name the list of entities {_LISTS[0]!r}; it may be empty"
            raise DataError(f"none of the keys {', '.join(_LISTS)} is there", where=where, mend=mend)
        spans = parsed(reading, typed(record, key, list, where), lambda entity: _span(entity, text, where))
        return reading.document(identity, text, spans, where=where, meta=others(record, ("id", "text", key)))

    return read_objects(reading, document)


def _span(entity: Any, text: str, where: str) -> Span:
    triple = isinstance(entity, list) and len(entity) == 3
    fields = dict(zip(("start", "end", "label"), entity, strict=True)) if triple else entity
    if not isinstance(fields, dict):
        mend = "write [start, end, label], or an object with these keys"
        raise DataError(f"{entity!r} is no entity", where=where, mend=mend)
    start, end = (typed(fields, key if key in fields else f"{key}_offset", int, where) for key in ("start", "end"))
    label, score = typed(fields, "label", str, where), fields.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        raise DataError(f"the score {score!r} is no number", where=where, mend="write a number from 0 to 1")
    if "text" in fields and fields["text"] != text[start:end]:
        what = f"the entity {fields['text']!r} is not at [{start}, {end}], where the text has {text[start:end]!r}"
        raise DataError(what, where=where, mend="correct the offsets: code points of the text, `end` exclusive")
    return Span.of(start, end, label, score)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write JSON Lines with `id`, `text` and `entities`, beside the meta of each document.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()

    def record(document: Document) -> dict[str, Any]:
        rest = others(document.meta, ())
        count_unheld(document, lost, identity=True, meta=document.meta, scores=True)
        lost[META] += not rest.keys().isdisjoint(_WRITTEN)
        entities = [
            {"start": s.start, "end": s.end, "label": s.label} | ({} if s.score is None else {"score": s.score})
            for s in contiguous(document, lost)
        ]
        return rest | dict(zip(_WRITTEN, (document.id, document.text, entities), strict=True))

    write_lines(path, map(record, documents))
    return named(lost)
