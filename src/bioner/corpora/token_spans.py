"""JSON Lines of tokens and of entities as token offsets (GENIA style); entities may nest.

A record holds `tokens`, `entity_mentions` (each with `start`, `end` exclusive, and `entity_type`), and may hold
`sent_id` and `doc_id`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bioner.corpora.detokenise import detokenise
from bioner.corpora.lines import read_lines
from bioner.corpora.record import line_id, make_document, parse_json, typed
from bioner.documents import Document, Span
from bioner.errors import DataError


def read(path: Path, language: str, source: str) -> Iterator[Document]:
    """One document a record; its id is `sent_id`, and `meta["document"]` is `doc_id`.

    Raises:
        DataError: the file cannot be read, or a record is malformed, with file and line.
    """
    for number, line in read_lines(path):
        if line.strip():
            where = f"{path}:{number}"
            record = parse_json(line, where)
            tokens = typed(record, "tokens", list, where)
            if not all(isinstance(token, str) for token in tokens):
                raise DataError("a token is not a string", where=where, mend="correct or remove this record")
            text, offsets = detokenise(tokens)
            mentions = typed(record, "entity_mentions", list, where)
            spans = [_span(mention, offsets, where) for mention in mentions]
            identity = str(record.get("sent_id") or line_id(path, number))
            meta = {"document": str(record["doc_id"])} if "doc_id" in record else {}
            yield make_document(identity, text, language, source, spans, where=where, meta=meta)


def _span(mention: Any, offsets: list[tuple[int, int]], where: str) -> Span:
    start, end = typed(mention, "start", int, where), typed(mention, "end", int, where)
    if not 0 <= start < end <= len(offsets):
        raise DataError(
            f"the mention [{start}, {end}] is empty or outside the {len(offsets)} tokens",
            where=where,
            mend="`start` and `end` are indices of tokens, `end` exclusive",
        )
    return Span.of(offsets[start][0], offsets[end - 1][1], typed(mention, "entity_type", str, where))
