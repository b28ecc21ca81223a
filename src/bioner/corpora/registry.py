"""Which module reads and writes which format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from bioner.config import Corpus, Format
from bioner.corpora import (
    bioc_json,
    bioc_xml,
    bionlp_st,
    brat,
    character_spans,
    clinical_trials,
    cmeee,
    conll,
    conll_layers,
    drug_labels,
    gliner_json,
    json_table,
    jsonl,
    llmner,
    llmner_out,
    parquet,
    patents,
    pubmed_xml,
    pubtator,
    table,
    text,
    token_spans,
)
from bioner.corpora.reading import Reading
from bioner.documents import Document

Reader = Callable[[Reading], Iterator[Document]]
"""Reads a file; offsets are code points of each document's text."""

Writer = Callable[[Path, Iterable[Document]], Counter[str]]
"""Writes a file atomically; returns how much of what it could not hold, by reason."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What reads a format, and what writes it if anything does."""

    read: Reader
    write: Writer | None = None


FORMATS: Mapping[Format, Handler] = MappingProxyType(
    {
        "documents": Handler(jsonl.read, jsonl.write),
        "text": Handler(text.read, text.write),
        "conll": Handler(conll.read, conll.write),
        "conll_layers": Handler(conll_layers.read, conll_layers.write),
        "pubtator": Handler(pubtator.read, pubtator.write),
        "bioc_xml": Handler(bioc_xml.read, bioc_xml.write),
        "bioc_json": Handler(bioc_json.read, bioc_json.write),
        "brat": Handler(brat.read, brat.write),
        "bionlp_st": Handler(bionlp_st.read, bionlp_st.write),
        "cmeee_v1": Handler(cmeee.read_v1, cmeee.write_v1),
        "cmeee_v2": Handler(cmeee.read_v2, cmeee.write_v2),
        "pubmed_xml": Handler(pubmed_xml.read),
        "clinical_trials": Handler(clinical_trials.read),
        "drug_labels": Handler(drug_labels.read),
        "patents": Handler(patents.read),
        "token_spans": Handler(token_spans.read, token_spans.write),
        "character_spans": Handler(character_spans.read, character_spans.write),
        "gliner": Handler(gliner_json.read, gliner_json.write),
        "llmner": Handler(llmner.read, llmner_out.write),
    }
)
_TABLES: Mapping[Format, Callable[..., Iterator[Document]]] = MappingProxyType(
    {
        "csv": table.read_csv,
        "tsv": table.read_tsv,
        "json": json_table.read_json,
        "jsonl": json_table.read_jsonl,
        "parquet": parquet.read,
    }
)


def reader_for(form: Format, column: str | int | None = None) -> Reader:
    """The reader of a format; of a table, that of the column with the text."""
    return FORMATS[form].read if column is None else partial(_TABLES[form], column=column)


def reader_of(corpus: Corpus) -> Reader:
    """The reader of a corpus: its format, and for a table the column that holds the text."""
    return reader_for(corpus.format, corpus.column)
