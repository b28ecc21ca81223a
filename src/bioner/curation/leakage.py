"""Leakage: how much of the texts that models are judged on occurs in the texts that they are trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import numpy as np

from bioner.curation.compare import Comparison, Known, Texts
from bioner.curation.passages import sentence_texts, whole_and_sentences
from bioner.curation.ragged import Flags, Ints
from bioner.documents import Document

Sets = Mapping[str, Iterable[Document]]
"""Name of a set of documents, as `train/mine` -> the documents; those of a set have one language."""


@dataclass(frozen=True, slots=True)
class Leakage:
    """What of one set occurs in another.

    Attributes:
        trained: the name of the set that models are trained on.
        judged: the name of the set that they are judged on.
        documents: of the set that they are judged on; the other figures count of these.
        equal: those that occur but for case, blanks and tokenisation.
        near: those that occur, equal or nearly so, as a whole or by most of their words in sentence after sentence: one
            set may hold abstracts and the other their sentences.
        shared_runs: those that share a run of words with a document of the other set.
    """

    trained: str
    judged: str
    documents: int
    equal: int
    near: int
    shared_runs: int

    @property
    def share(self) -> float:
        """The share of documents that occur, equal or nearly so."""
        return self.near / self.documents

    @property
    def name(self) -> str:
        """Which set in which."""
        return f"{self.judged} in {self.trained}"

    def to_record(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        figures = asdict(self)
        return {key: figures[key] for key in ("documents", "equal", "near", "shared_runs")} | {"share": self.share}


def leakage(trained: Sets, judged: Sets, comparison: Comparison) -> list[Leakage]:
    """Compare every set that models are judged on with every set of its language that they are trained on."""
    probes = {name: _Judged.of(list(documents), comparison) for name, documents in judged.items()}
    found: list[Leakage] = []
    for name, documents in trained.items():
        listed = list(documents)
        texts = [text for document in listed for text in whole_and_sentences(document.text)]
        prepared = comparison.prepare(texts, _language(listed))
        known = Known(prepared, comparison)
        for other, probe in probes.items():
            if probe.whole.language == prepared.language and len(probe.whole):
                found.append(probe.leakage(name, other, known))
    return found


@dataclass(frozen=True, slots=True)
class _Judged:
    """A set that models are judged on.

    Attributes:
        whole: its documents.
        sentences: all their sentences.
        owners: the number of each sentence's document.
    """

    whole: Texts
    sentences: Texts
    owners: Ints

    @classmethod
    def of(cls, documents: Sequence[Document], comparison: Comparison) -> _Judged:
        language = _language(documents)
        parts = [sentence_texts(document.text) for document in documents]
        owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        whole = comparison.prepare([document.text for document in documents], language)
        return cls(whole, comparison.prepare([*chain(*parts)], language), owners)

    def leakage(self, trained: str, judged: str, known: Known) -> Leakage:
        equal = known.equal(self.whole)
        near = (
            equal
            | known.resemble(self.whole)
            | self._mostly(known.equal(self.sentences) | known.resemble(self.sentences))
        )
        shares = near | known.share_runs(self.whole)
        return Leakage(trained, judged, len(self.whole), int(equal.sum()), int(near.sum()), int(shares.sum()))

    def _mostly(self, flags: Flags) -> Flags:
        """Which documents have more than half of their words in sentences with a flag."""
        words = self.sentences.words.lengths
        flagged = np.bincount(self.owners, words * flags, len(self.whole))
        return np.asarray(flagged > np.bincount(self.owners, words, len(self.whole)) / 2, np.bool_)


def _language(documents: Sequence[Document]) -> str:
    return documents[0].language if documents else ""
