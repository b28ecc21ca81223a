"""Examining a chunk of documents: everything about its sentences that can be told without the other chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bioner.config import Thresholds
from bioner.curation.compare import Comparison
from bioner.curation.decontaminate import Protected
from bioner.curation.minhash import Signed
from bioner.curation.passages import passage_id
from bioner.curation.quality import Batch, defects
from bioner.curation.ragged import Hashes, Ints
from bioner.curation.repair import repaired
from bioner.curation.sample import Group
from bioner.curation.sentences import sentences
from bioner.documents import Document
from bioner.seeds import derive


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some documents of one language and source; plain values, as they cross processes.

    Attributes:
        group: the language and the source.
        ids: of each document.
        texts: of each document.
    """

    group: Group
    ids: Sequence[str]
    texts: Sequence[str]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Chunk:
        """Documents of one language and source; at least one."""
        first = documents[0]
        ids, texts = [document.id for document in documents], [document.text for document in documents]
        return cls((first.language, first.source), ids, texts)


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known about a chunk.

    Attributes:
        group: the language and the source of its documents.
        sentences: how many each document has.
        spans: where each begins and ends in the repaired text of its document.
        repaired: documents whose encoding was broken.
        dropped: reason -> sentences.
        clean: the numbers of the other sentences, within the chunk.
        keys: of these, but for case and blanks.
        ranks: of these, in the order of the sample.
        signed: these, as they are compared.
    """

    group: Group
    sentences: Ints
    spans: npt.NDArray[np.int32]
    repaired: int
    dropped: Counter[str]
    clean: Ints
    keys: Hashes
    ranks: npt.NDArray[np.uint32]
    signed: Signed


@dataclass(frozen=True, slots=True)
class Examiner:
    """Examines chunks, in any process.

    Attributes:
        limits: language -> what a text must be like.
        protected: what no sentence may share words with.
        comparison: how sentences are compared.
        seed: of the sample.
    """

    limits: Mapping[str, Thresholds]
    protected: Protected
    comparison: Comparison
    seed: int

    def __call__(self, chunk: Chunk) -> Examined:
        """Examine a chunk."""
        language, source = chunk.group
        whole = [repaired(text) for text in chunk.texts]
        spans = [list(sentences(text)) for text in whole]
        counts = np.array([len(found) for found in spans], np.int64)
        texts = [text[start:end] for text, found in zip(whole, spans, strict=True) for start, end in found]
        compared = self.comparison.prepare(texts, language)
        newlines = np.array([text.strip().count("\n") for text in whole], np.int64)
        batch = Batch(texts, compared, np.repeat(np.arange(len(counts)), counts), newlines)
        dropped: Counter[str] = Counter()
        left = np.ones(len(texts), np.bool_)
        for reason, flags in (*defects(batch, self.limits[language]), *self.protected.offences(compared)):
            dropped[reason] += int((left & flags).sum())
            left &= ~flags
        clean = np.flatnonzero(left)
        ids = [
            passage_id(source, identity, number)
            for identity, count in zip(chunk.ids, counts.tolist(), strict=True)
            for number in range(1, count + 1)
        ]
        return Examined(
            chunk.group,
            counts,
            np.array([pair for found in spans for pair in found], np.int32).reshape(-1, 2),
            sum(text != original for text, original in zip(whole, chunk.texts, strict=True)),
            +dropped,
            clean,
            compared.keys[clean],
            np.array([derive(self.seed, "sample", ids[number]) for number in clean], np.uint32),
            compared.signed.take(clean),
        )
