"""Which reader reads which format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from bioner.config import Corpus, Format
from bioner.corpora import cmeee, conll, conll_layers, jsonl, pubtator, table, text, token_spans
from bioner.corpora.reading import Reading
from bioner.documents import Document

Reader = Callable[[Reading], Iterator[Document]]
"""Reads a file; offsets are code points of each document's text."""

_READERS: Mapping[Format, Reader] = MappingProxyType(
    {
        "documents": jsonl.read,
        "text": text.read,
        "conll": conll.read,
        "conll_layers": conll_layers.read,
        "pubtator": pubtator.read,
        "cmeee_v1": cmeee.read_v1,
        "cmeee_v2": cmeee.read_v2,
        "token_spans": token_spans.read,
    }
)


def reader_of(corpus: Corpus) -> Reader:
    """The reader of a corpus: its format, and for a table the column that holds the text."""
    if corpus.column is None:
        return _READERS[corpus.format]
    return partial(table.read_csv if corpus.format == "csv" else table.read_tsv, column=corpus.column)
