"""CoNLL files of two columns, token and IOB2 tag, separated by a tab: flat entities."""

from __future__ import annotations

from collections.abc import Iterator

from bioner.corpora.iob import read_columns
from bioner.corpora.reading import Reading
from bioner.documents import Document


def read(reading: Reading) -> Iterator[Document]:
    """One document a sentence, or one for each `-DOCSTART-` line where there are any; see `bioner.corpora.iob`."""
    return read_columns(reading, layers=1)
