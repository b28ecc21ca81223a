"""CoNLL files: the first column is the token, the last one its tag; what stands between is ignored.

Several tags of one token, joined by `|`, are nested entities. Written are two columns of flat entities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bioner.corpora.columns_out import Blocks, sentences
from bioner.corpora.iob import read_columns
from bioner.corpora.losses import CROSSING, NESTED, named
from bioner.corpora.reading import Reading
from bioner.corpora.tags import Entity
from bioner.documents import Document
from bioner.files import atomic_write


def read(reading: Reading) -> Iterator[Document]:
    """One document a sentence, or one for each `-DOCSTART-` line where there are any; see `bioner.corpora.iob`."""
    return read_columns(reading, layers=False)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write token and IOB2 tag, separated by a tab; of entities that overlap the first (and longest) is kept.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    blocks = Blocks(columns=1)
    with atomic_write(path) as out:
        for document in documents:
            flat = [(tokens, [_flat(entities, lost)]) for tokens, entities in sentences(document, lost)]
            out.write(blocks.of(flat))
    return named(lost)


def _flat(entities: Sequence[Entity], lost: Counter[str]) -> list[Entity]:
    kept: list[Entity] = []
    reached = -1
    for first, last, label in entities:
        if first > reached:
            kept.append((first, last, label))
            reached = last
        else:
            lost[NESTED if last <= reached else CROSSING] += 1
    return kept
