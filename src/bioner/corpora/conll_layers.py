"""Files of a token and several columns of tags, one column a layer of nesting (GENIA style)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bioner.corpora.columns_out import Blocks, sentences
from bioner.corpora.iob import read_columns
from bioner.corpora.losses import named
from bioner.corpora.reading import Reading
from bioner.corpora.tags import Entity
from bioner.documents import Document
from bioner.files import atomic_write


def read(reading: Reading) -> Iterator[Document]:
    """One document a sentence, with the entities of all layers; see `bioner.corpora.iob`."""
    return read_columns(reading, layers=True)


def write(path: Path, documents: Iterable[Document]) -> Counter[str]:
    """Write token and IOB2 tags, separated by tabs, in as many layers as the deepest nesting or crossing needs.

    All documents are held in memory, because every row of the file has the same columns.

    Returns:
        what was lost, by reason.
    """
    lost: Counter[str] = Counter()
    layered = [
        [(tokens, _layers(entities)) for tokens, entities in sentences(document, lost)] for document in documents
    ]
    depth = max((len(layers) for document in layered for _, layers in document), default=1)
    blocks = Blocks(columns=depth)
    with atomic_write(path) as out:
        for document in layered:
            full = [(tokens, [*layers, *[list[Entity]()] * (depth - len(layers))]) for tokens, layers in document]
            out.write(blocks.of(full))
    return named(lost)


def _layers(entities: Sequence[Entity]) -> list[list[Entity]]:
    """At least one layer, in none of which two entities overlap; each entity is in the first that has room for it."""
    layers: list[list[Entity]] = [[]]
    for entity in entities:
        room = next((layer for layer in layers if not layer or layer[-1][1] < entity[0]), None)
        if room is None:
            layers.append([entity])
        else:
            room.append(entity)
    return layers
