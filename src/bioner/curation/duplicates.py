"""Near-duplicates: MinHash signatures propose pairs of texts, their exact Jaccard similarity decides.

Broder 1997, "On the resemblance and containment of documents"; banding as in Leskovec, Rajaraman and Ullman, "Mining
of Massive Datasets", chapter 3. Every pair that is called a duplicate is one; of the pairs at the threshold, few are
missed, since the bands are chosen to favour recall.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bioner.curation.ngrams import ngrams

_PERMUTATIONS = 128
_WEIGHTS = (0.1, 0.9)  # of false positives, which are verified, and of false negatives, which are lost
_SHINGLE = {"zh": 2}
_SHINGLE_DEFAULT = 3


class NearDuplicates:
    """Tells for one text after the other whether it nearly repeats an earlier one that was kept.

    Args:
        threshold: the Jaccard similarity of the sets of word n-grams from which two texts are near-duplicates; n is 3,
            in Chinese 2.
        seed: of the permutations.
    """

    def __init__(self, threshold: float, seed: int) -> None:
        from datasketch import MinHash, MinHashLSH

        self._threshold = threshold
        self._index = MinHashLSH(threshold, _PERMUTATIONS, weights=_WEIGHTS)
        self._empty = MinHash(_PERMUTATIONS, seed)
        self._kept: list[frozenset[str]] = []

    def repeats(self, words: Sequence[str], language: str) -> bool:
        """Whether the text nearly repeats a kept one; one that does not is kept."""
        shingles = frozenset(ngrams(words, _SHINGLE.get(language, _SHINGLE_DEFAULT)))
        signature = self._sign(shingles)
        if any(jaccard(shingles, self._kept[key]) >= self._threshold for key in self._index.query(signature)):
            return True
        self._index.insert(len(self._kept), signature)
        self._kept.append(shingles)
        return False

    def _sign(self, shingles: Iterable[str]) -> Any:
        signature = self._empty.copy()
        signature.update_batch([shingle.encode() for shingle in shingles])
        return signature


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Size of the intersection over that of the union; two empty sets are equal."""
    union = len(left | right)
    return len(left & right) / union if union else 1.0
