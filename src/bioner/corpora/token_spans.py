"""JSON Lines of tokens and of entities as token offsets (GENIA style); entities may nest.

A record holds `tokens`, `entity_mentions` (each with `start`, `end` exclusive, and `entity_type`), and may hold
`sent_id` and `doc_id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bioner.corpora.detokenise import detokenise
from bioner.corpora.lines import rows
from bioner.corpora.losses import count_unheld, named
from bioner.corpora.object_records import parsed, write_lines
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import parse_json, strings, typed
from bioner.corpora.tokens import TOKENS, joined, kept, place, tokens_of
from bioner.documents import Document, Fragment, Span
from bioner.errors import DataError

_DOCUMENT = "document"  # key of `Document.meta`


def read(reading: Reading) -> Iterator[Document]:
    """One document a record; its id is `sent_id`, `meta["document"]` is `doc_id`, `meta["tokens"]` has the offsets.

    Raises:
        DataError: the file cannot be read, or a record is malformed, with file and line.
    """

    def document(block: list[Line]) -> Document:
        (line,) = block
        where = reading.at(line.number)
        record = parse_json(line.text, where)
        text, offsets = detokenise(strings(record, "tokens", where), reading.language)
        mentions = typed(record, "entity_mentions", list, where)
        spans = parsed(reading, mentions, lambda mention: _span(mention, offsets, where))
        identity = str(record.get("sent_id") or reading.line_id(line.number))
        meta = kept(offsets) | ({_DOCUMENT: str(record["doc_id"])} if "doc_id" in record else {})
        return reading.document(identity, text, spans, where=where, meta=meta)

    return reading.each_block(rows(reading), document)


def _span(mention: Any, offsets: Sequence[Fragment], where: str) -> Span:
    start, end = typed(mention, "start", int, where), typed(mention, "end", int, where)
    if not 0 <= start < end <= len(offsets):
        raise DataError(
            f"the mention [{start}, {end}] is empty or outside the {len(offsets)} tokens",
            where=where,
            mend="`start` and `end` are indices of tokens, `end` exclusive",
        )
    return Span.of(offsets[start][0], offsets[end - 1][1], typed(mention, "entity_type", str, where))


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write a record for each document, with the tokens of its source, or else its words.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()

    def record(document: Document) -> dict[str, Any]:
        count_unheld(document, lost, identity=True, meta=[TOKENS, _DOCUMENT])
        offsets = tokens_of(document)
        tokens = joined(document, offsets, lost)
        mentions = [
            {"start": first, "end": last + 1, "entity_type": label, "text": " ".join(tokens[first : last + 1])}
            for first, last, label in place(document, offsets, lost)
        ]
        name = {"doc_id": document.meta[_DOCUMENT]} if _DOCUMENT in document.meta else {}
        return {"tokens": tokens, "entity_mentions": mentions, "sent_id": document.id} | name

    write_lines(path, map(record, documents))
    return named(lost)
