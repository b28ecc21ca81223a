"""Files of a token and several IOB2 columns, separated by tabs, one column a layer of nesting (GENIA style)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioner.corpora.iob import read_columns
from bioner.documents import Document


def read(path: Path, language: str, source: str) -> Iterator[Document]:
    """One document a sentence, with the entities of all layers; see `bioner.corpora.iob`."""
    return read_columns(path, language, source, layers=None)
