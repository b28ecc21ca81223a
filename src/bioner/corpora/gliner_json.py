"""The training files of GLiNER: a list of JSON objects (or one a line) with `tokenized_text` and `ner`.

`tokenized_text` is a list of tokens, `ner` one of `[first, last, label]`, both ends indices of tokens and inclusive. An
object may have an `id`; its other keys are kept as meta.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bioner.corpora.detokenise import detokenise
from bioner.corpora.losses import META, count_unheld, named
from bioner.corpora.object_records import others, parsed, read_objects, write_list
from bioner.corpora.reading import Reading
from bioner.corpora.record import strings, typed
from bioner.corpora.tokens import TOKENS, joined, kept, place, tokens_of
from bioner.documents import Document, Fragment, Span
from bioner.errors import DataError

_KEYS = ("id", "tokenized_text", "ner")


def read(reading: Reading) -> Iterator[Document]:
    """One document an object; `meta["tokens"]` has the offsets of the tokens.

    Raises:
        DataError: the file cannot be read, or an object is malformed, with file and line.
    """

    def document(record: dict[str, Any], identity: str, where: str) -> Document:
        text, offsets = detokenise(strings(record, "tokenized_text", where), reading.language)
        entities = typed(record, "ner", list, where)
        spans = parsed(reading, entities, lambda entity: _span(entity, offsets, where))
        return reading.document(identity, text, spans, where=where, meta=others(record, _KEYS) | kept(offsets))

    return read_objects(reading, document)


def _span(entity: Any, offsets: Sequence[Fragment], where: str) -> Span:
    if not isinstance(entity, list) or list(map(type, entity)) != [int, int, str]:
        mend = "write [first token, last token, label]"
        raise DataError(f"{entity!r} is no entity", where=where, mend=mend)
    first, last, label = entity
    if not 0 <= first <= last < len(offsets):
        what = f"the entity [{first}, {last}] is empty or outside the {len(offsets)} tokens"
        raise DataError(what, where=where, mend="both are indices of tokens, from 0, and inclusive")
    return Span.of(offsets[first][0], offsets[last][1], label)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write a JSON list, with the tokens of the source of each document, or else its words.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()

    def record(document: Document) -> dict[str, Any]:
        rest = others(document.meta, (TOKENS,))
        count_unheld(document, lost, identity=True, meta=document.meta)
        lost[META] += not rest.keys().isdisjoint(_KEYS)
        offsets = tokens_of(document)
        tokens = joined(document, offsets, lost)
        ner = [list(entity) for entity in place(document, offsets, lost)]
        return rest | {"id": document.id, "tokenized_text": tokens, "ner": ner}

    write_list(path, map(record, documents))
    return named(lost)
