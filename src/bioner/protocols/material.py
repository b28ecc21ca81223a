"""What a protocol draws from: gold and synthetic annotations, and the models that trainings begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bioner.curation.hashing import key_of
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.protocols.seen import learnt_types


@dataclass(frozen=True, slots=True)
class Material:
    """The inputs of a protocol.

    Attributes:
        types: all types of the params.
        train: gold documents that may be learnt from.
        dev: gold documents that thresholds may be chosen on.
        test: gold documents that are judged.
        synthetic: what the teacher annotated.
        folders: name of a start -> its model; `None` for the encoder.
        seen: name of a start -> the types that it has been trained on.
        seed: from which those of the shots are derived.
    """

    types: EntityTypes
    train: Sequence[Document]
    dev: Sequence[Document]
    test: Sequence[Document]
    synthetic: Sequence[Document]
    folders: Mapping[str, Path | None]
    seen: Mapping[str, EntityTypes]
    seed: int

    def without_leaks(self) -> tuple[Material, int]:
        """The same without training documents that equal a judged one but for case and blanks, and their number."""
        keys = {key_of(document.text) for document in self.test}

        def kept(documents: Sequence[Document]) -> list[Document]:
            return [document for document in documents if key_of(document.text) not in keys]

        clean = replace(self, train=kept(self.train), dev=kept(self.dev), synthetic=kept(self.synthetic))
        return clean, self._size() - clean._size()

    def _size(self) -> int:
        return len(self.train) + len(self.dev) + len(self.synthetic)


def only(documents: Sequence[Document], types: EntityTypes) -> list[Document]:
    """The documents with the spans of some types alone."""
    keys = set(types.keys)
    return [document.with_spans(span for span in document.spans if span.label in keys) for document in documents]


def known_types(documents: Sequence[Document], types: EntityTypes, also: EntityTypes | None = None) -> EntityTypes:
    """The types that some documents teach, and others that are known to have been seen."""
    learnt = learnt_types(documents, types)
    return EntityTypes({**learnt.types, **(also.types if also else {})})
