"""Curation: from unlabelled documents to the sentences that the teacher annotates, each loss counted by its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bioner.config import Curate
from bioner.curation.decontaminate import Protected
from bioner.curation.duplicates import NearDuplicates
from bioner.curation.passages import Passage, key_of, passages, words_of
from bioner.curation.quality import defect
from bioner.curation.sample import balanced
from bioner.documents import Document

REPEATED = "repeated"
NEAR_DUPLICATE = "near-duplicate"
OVER_LIMIT = "over the limit"


@dataclass(frozen=True, slots=True)
class Curated:
    """The result of a curation.

    Attributes:
        kept: sentences, in the order of the input.
        sentences: how many there were.
        dropped: reason -> sentences dropped; with those kept they add up to `sentences`.
    """

    kept: list[Document]
    sentences: int
    dropped: dict[str, int]


def shares_with(split: str) -> str:
    """The reason of a sentence that shares a run of words with a text of a split."""
    return f"shares words with {split}"


def curate(
    documents: Iterable[Document], protected: Mapping[str, Iterable[Document]], rules: Curate, seed: int
) -> Curated:
    """Split into sentences, filter, decontaminate, remove near-duplicates, sample.

    Args:
        documents: unlabelled, of any length.
        protected: split -> the documents that no kept sentence may share words with.
        rules: the thresholds.
        seed: of the sampling and of the MinHash permutations.
    """
    sieve = _Sieve(protected, rules, seed)
    dropped: Counter[str] = Counter()
    clean: list[Document] = []
    for passage in passages(documents):
        reason = sieve.reason(passage)
        if reason:
            dropped[reason] += 1
        else:
            clean.append(passage.document)
    kept = balanced(clean, rules.limit, seed)
    total = len(clean) + dropped.total()
    dropped[OVER_LIMIT] += len(clean) - len(kept)
    return Curated(kept, total, dict(+dropped))


class _Sieve:
    """The filters that look at one sentence after the other; the last two remember those that passed."""

    def __init__(self, protected: Mapping[str, Iterable[Document]], rules: Curate, seed: int) -> None:
        self._rules = rules
        self._protected = {
            split: Protected([words_of(document.text) for document in documents], rules.decontaminate_ngram)
            for split, documents in protected.items()
        }
        self._seen: set[str] = set()
        self._near = NearDuplicates(rules.near_duplicate, seed)

    def reason(self, passage: Passage) -> str | None:
        """Why a sentence is dropped, or `None`."""
        words, language = passage.words, passage.document.language
        broken = defect(passage, self._rules)
        if broken:
            return broken
        for split, texts in self._protected.items():
            if texts.shares(words, language):
                return shares_with(split)
        key = key_of(passage.document.text)
        if key in self._seen:
            return REPEATED
        self._seen.add(key)
        return NEAR_DUPLICATE if self._near.repeats(words, language) else None
