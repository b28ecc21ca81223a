"""Files of a token and several IOB2 columns, separated by tabs, one column a layer of nesting (GENIA style)."""

from __future__ import annotations

from collections.abc import Iterator

from bioner.corpora.iob import read_columns
from bioner.corpora.reading import Reading
from bioner.documents import Document


def read(reading: Reading) -> Iterator[Document]:
    """One document a sentence, with the entities of all layers; see `bioner.corpora.iob`."""
    return read_columns(reading, layers=None)
