"""The stage `ingest`: one corpus, in whatever format, becomes document files, one for each split."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioner.config import SPLITS, Corpus, Params, Split
from bioner.corpora.reading import DROPPED, Reading
from bioner.corpora.registry import reader_of
from bioner.corpora.splits import divide, limited, to_types, with_unique_ids
from bioner.corpora.statistics import Statistics
from bioner.documents import Document, write_documents
from bioner.errors import DataError
from bioner.files import write_json
from bioner.stages import layout
from bioner.stages.context import HELD_OUT, Context

Splits = dict[Split, list[Document]]


def run(context: Context) -> None:
    """Read a corpus; a split that it lacks becomes an empty file.

    Documents stay whole: an abstract of a PubTator file, a sentence of a CoNLL file without `-DOCSTART-`.
    `metrics/ingest/CORPUS.json` tells what each split holds, and counts by reason what was left out.

    Raises:
        DataError: a file is missing, malformed or without documents, or has a label that is no entity type.
    """
    name = context.need_item()
    corpus = context.params.corpora[name]
    splits, dropped = read_splits(corpus, name, context.params)
    metrics: dict[str, Any] = {}
    for split in SPLITS:
        found = splits.get(split, [])
        kept = limited(found, corpus.limit.get(split), context.params.seed)
        dropped[f"documents over the limit of {split}"] += len(found) - len(kept)
        metrics[split] = Statistics.of(kept).to_record()
        unique = with_unique_ids(kept)
        held_out = corpus.held_out and split in ("train", "dev")
        write_documents(layout.split(split, name), map(_hold_out, unique) if held_out else unique)
    write_json(layout.metrics("ingest", name), metrics | {"dropped": dict(+dropped)})


def _hold_out(document: Document) -> Document:
    return replace(document, meta={**document.meta, HELD_OUT: True})


def read_splits(corpus: Corpus, name: str, params: Params) -> tuple[Splits, Counter[str]]:
    """The documents of each split that the corpus has, and how many annotations were left out, by reason."""
    splits: Splits = {}
    dropped: Counter[str] = Counter()
    for split in corpus.splits:
        documents, left_out = _read_split(corpus, name, split, corpus.file(Path(params.data_root), split), params)
        splits[split] = documents
        dropped += left_out
    if corpus.dev_fraction:
        stay, move = divide(splits.get("train", []), corpus.dev_fraction, params.seed)
        splits |= {"train": stay, "dev": [*splits.get("dev", []), *move]}
    return splits, dropped


def _read_split(
    corpus: Corpus, name: str, split: Split, file: Path, params: Params
) -> tuple[list[Document], Counter[str]]:
    reading = Reading(file, corpus.language, name, corpus.on_error)
    documents = list(reader_of(corpus)(reading))
    if not documents:
        mend = f"check `format` and `splits` of corpora.{name}, or leave the split out"
        raise DataError(f"the corpus {name} is empty: no {split} document", where=str(file), mend=mend)
    dropped: Counter[str] = Counter()
    for document in documents:
        dropped.update(document.meta.get(DROPPED, {}))
    if split == "unlabelled":
        dropped["annotations of unlabelled text"] += sum(len(document.spans) for document in documents)
        return [document.with_spans(()) for document in documents], dropped
    typed, unmapped = to_types(documents, corpus.labels, params.types, str(file))
    dropped.update({f"label {label}": count for label, count in unmapped.items()})
    return typed, dropped
