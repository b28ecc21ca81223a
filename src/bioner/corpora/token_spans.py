"""JSON Lines of tokens and of entities as token offsets (GENIA style); entities may nest.

A record holds `tokens`, `entity_mentions` (each with `start`, `end` exclusive, and `entity_type`), and may hold
`sent_id` and `doc_id`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bioner.corpora.detokenise import detokenise
from bioner.corpora.lines import rows
from bioner.corpora.reading import Line, Reading
from bioner.corpora.record import parse_json, typed
from bioner.documents import Document, Span
from bioner.errors import DataError


def read(reading: Reading) -> Iterator[Document]:
    """One document a record; its id is `sent_id`, and `meta["document"]` is `doc_id`.

    Raises:
        DataError: the file cannot be read, or a record is malformed, with file and line.
    """

    def document(block: list[Line]) -> Document:
        (line,) = block
        where = reading.at(line.number)
        record = parse_json(line.text, where)
        tokens = typed(record, "tokens", list, where)
        if not all(isinstance(token, str) for token in tokens):
            raise DataError("a token is not a string", where=where, mend="correct or remove this record")
        text, offsets = detokenise(tokens)
        mentions = typed(record, "entity_mentions", list, where)
        spans = [_span(mention, offsets, where) for mention in mentions]
        identity = str(record.get("sent_id") or reading.line_id(line.number))
        meta = {"document": str(record["doc_id"])} if "doc_id" in record else {}
        return reading.document(identity, text, spans, where=where, meta=meta)

    return reading.each_block(rows(reading), document)


def _span(mention: Any, offsets: list[tuple[int, int]], where: str) -> Span:
    start, end = typed(mention, "start", int, where), typed(mention, "end", int, where)
    if not 0 <= start < end <= len(offsets):
        raise DataError(
            f"the mention [{start}, {end}] is empty or outside the {len(offsets)} tokens",
            where=where,
            mend="`start` and `end` are indices of tokens, `end` exclusive",
        )
    return Span.of(offsets[start][0], offsets[end - 1][1], typed(mention, "entity_type", str, where))
