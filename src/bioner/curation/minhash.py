"""MinHash: of each text the set of its word n-grams, and bands of a signature that similar sets are likely to share.

Broder 1997, "On the resemblance and containment of documents"; banding as in Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", chapter 3. All texts of a block are signed at once, one permutation after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioner.curation.hashing import runs, sets_of
from bioner.curation.ragged import Hashes, Ints, Ragged
from bioner.seeds import derive

_PERMUTATIONS = 128
_RECALL = 0.98  # of the pairs just at the threshold; those above it are found more surely
_SHINGLE = {"zh": 2}
_SHINGLE_DEFAULT = 3


def shingle_length(language: str) -> int:
    """How many words the n-grams have that texts are compared by."""
    return _SHINGLE.get(language, _SHINGLE_DEFAULT)


@dataclass(frozen=True, slots=True)
class Signed:
    """Texts as they are compared.

    Attributes:
        shingles: the set of n-grams of each text, sorted.
        bands: a row for each text; two texts that share a number of a column may be similar.
    """

    shingles: Ragged
    bands: Hashes

    @classmethod
    def joined(cls, parts: Sequence[Signed]) -> Signed:
        """The texts of several, in their order; at least one."""
        return cls(Ragged.joined([part.shingles for part in parts]), np.concatenate([part.bands for part in parts]))

    def __len__(self) -> int:
        return len(self.bands)

    def take(self, which: Ints) -> Signed:
        """The texts of these numbers, in this order."""
        return Signed(self.shingles.take(which), self.bands[which])


class Signer:
    """Signs texts for one threshold.

    The rows of a band are as many as the recall allows: the more, the fewer pairs are proposed in vain.

    Args:
        threshold: the Jaccard similarity from which pairs are looked for.
        seed: of the permutations.
    """

    def __init__(self, threshold: float, seed: int) -> None:
        self.rows = max((rows for rows in range(1, 33) if _recall(threshold, rows) >= _RECALL), default=1)
        self.bands = _PERMUTATIONS // self.rows
        random = np.random.default_rng(derive(seed, "minhash"))
        shape = (2, self.bands, self.rows)
        self._factors = random.integers(0, 2**63, shape, dtype=np.uint64) * np.uint64(2) + np.uint64(1)

    def sign(self, words: Ragged, language: str) -> Signed:
        """Sign texts, given as the hashes of their words.

        A number of a band stands for the smallest shingles under each of its permutations.
        """
        shingles = sets_of(runs(words, shingle_length(language)))
        filled = shingles.lengths > 0
        starts = shingles.offsets[:-1][filled]
        bands = np.zeros((len(shingles), self.bands), np.uint64)
        permuted = np.empty_like(shingles.values)
        for band in range(self.bands if len(starts) else 0):
            for row in range(self.rows):
                np.multiply(shingles.values, self._factors[0, band, row], out=permuted)
                bands[filled, band] += np.minimum.reduceat(permuted, starts) * self._factors[1, band, row]
        return Signed(shingles, bands)


def _recall(threshold: float, rows: int) -> float:
    return float(1 - (1 - threshold**rows) ** (_PERMUTATIONS // rows))
