"""Curation: from unlabelled documents to the sentences that the teacher annotates, each loss counted by its reason.

The documents are read twice and never held: what is kept of each sentence is its set of n-grams and its signature, as
numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice

import numpy as np
import numpy.typing as npt

from bioner.config import Curate
from bioner.curation.compare import Comparison
from bioner.curation.decontaminate import Protected
from bioner.curation.duplicates import repeated
from bioner.curation.engine import ordered
from bioner.curation.examine import Chunk, Examined, Examiner
from bioner.curation.minhash import Signed
from bioner.curation.passages import passages
from bioner.curation.ragged import Flags, Hashes, Ints
from bioner.curation.sample import Group, balanced
from bioner.documents import Document

REPEATED = "repeated"
NEAR_DUPLICATE = "near-duplicate"
OVER_LIMIT = "over the limit"

_CHUNK = 256  # documents


@dataclass(frozen=True, slots=True)
class Curated:
    """The result of a curation; iterating over it yields the sentences that are kept, in the order of the input.

    Attributes:
        source: the documents, which are read again.
        counts: how many sentences each document has.
        spans: where each sentence begins and ends in the repaired text of its document.
        taken: which sentences are kept.
        repaired: documents whose encoding was broken.
        kept: sentences kept of each language and source.
        dropped: sentences dropped of each language and source, by reason.
    """

    source: Iterable[Document] = field(repr=False)
    counts: Ints
    spans: npt.NDArray[np.int32]
    taken: Flags
    repaired: int
    kept: Counter[Group]
    dropped: dict[Group, Counter[str]]

    def __iter__(self) -> Iterator[Document]:
        end = 0
        for document, count in zip(self.source, self.counts.tolist(), strict=True):
            begin, end = end, end + count
            numbers = np.flatnonzero(self.taken[begin:end])
            if len(numbers):
                spans = self.spans[begin + numbers].tolist()
                yield from passages(document, ((n + 1, *span) for n, span in zip(numbers.tolist(), spans, strict=True)))

    @property
    def reasons(self) -> dict[str, int]:
        """Reason -> sentences dropped; with those kept they add up to all."""
        return dict(sum(self.dropped.values(), Counter[str]()))


def curate(
    documents: Iterable[Document], protected: Mapping[str, Iterable[Document]], rules: Curate, seed: int
) -> Curated:
    """Repair, split into sentences, filter, decontaminate, remove near-duplicates, sample.

    Args:
        documents: unlabelled, of any length; iterated over twice, with the same result.
        protected: split -> the documents that no kept sentence may share words with.
        rules: the thresholds, and where the work is done.
        seed: of the sampling and of the MinHash permutations.
    """
    comparison = Comparison.of(rules.near_duplicate, rules.decontaminate_ngram, seed)
    examiner = Examiner(rules.quality, Protected(protected, comparison), comparison, seed)
    found = list(ordered(examiner, _chunks(documents), rules.engine, rules.workers))
    clean = _Clean.of(found)
    counts = np.concatenate([np.empty(0, np.int64), *(part.sentences for part in found)])
    spans = np.concatenate([np.empty((0, 2), np.int32), *(part.spans for part in found)])
    dropped = {group: Counter[str]() for group in clean.groups}
    for part in found:
        dropped[part.group] += part.dropped
    mended = sum(part.repaired for part in found)
    signed = Signed.joined([part.signed for part in found]) if found else None
    del found  # what was joined is held once
    again = np.ones(len(clean.keys), np.bool_)
    again[np.unique(clean.keys, return_index=True)[1]] = False
    near = repeated(signed, rules.near_duplicate, again) if signed else again
    left = np.flatnonzero(~(again | near))
    chosen = balanced(clean.groups, clean.members[left], clean.ranks[left], rules.limit)
    over = np.zeros_like(again)
    over[left[~chosen]] = True
    for reason, flags in ((REPEATED, again), (NEAR_DUPLICATE, near), (OVER_LIMIT, over)):
        for group, count in zip(clean.groups, _by_group(clean, flags), strict=True):
            dropped[group][reason] += count
    taken = np.zeros(counts.sum(), np.bool_)
    taken[clean.places[left[chosen]]] = True
    kept = Counter(dict(zip(clean.groups, _by_group(clean, taken[clean.places]), strict=True)))
    losses = {group: +reasons for group, reasons in dropped.items()}
    return Curated(documents, counts, spans, taken, mended, kept, losses)


@dataclass(frozen=True, slots=True)
class _Clean:
    """The sentences that passed what looks at one after the other.

    Attributes:
        groups: the languages and sources of all documents.
        members: the number of the group of each sentence.
        places: its number among all sentences.
        keys: its key.
        ranks: its rank in the sample.
    """

    groups: list[Group]
    members: Ints
    places: Ints
    keys: Hashes
    ranks: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, found: list[Examined]) -> _Clean:
        """Those of all chunks."""
        groups = sorted({part.group for part in found})
        starts = np.cumsum([0, *(part.sentences.sum() for part in found)])[:-1]
        members = [np.full(len(part.clean), groups.index(part.group), np.int64) for part in found]
        places = [part.clean + start for part, start in zip(found, starts, strict=True)]
        return cls(
            groups,
            np.concatenate([np.empty(0, np.int64), *members]),
            np.concatenate([np.empty(0, np.int64), *places]),
            np.concatenate([np.empty(0, np.uint64), *(part.keys for part in found)]),
            np.concatenate([np.empty(0, np.uint32), *(part.ranks for part in found)]),
        )


def _by_group(clean: _Clean, flags: Flags) -> list[int]:
    return [int(count) for count in np.bincount(clean.members[flags], minlength=len(clean.groups))]


def _chunks(documents: Iterable[Document]) -> Iterator[Chunk]:
    """The documents in their order; those of a chunk have one language and source."""
    for _, group in groupby(documents, lambda document: (document.language, document.source)):
        while chunk := list(islice(group, _CHUNK)):
            yield Chunk.of(chunk)
