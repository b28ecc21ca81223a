"""Comparing texts with known ones: equal but for blanks and case, sharing a run of words, nearly the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioner.curation.duplicates import resemble
from bioner.curation.hashing import contained, keys_of, runs, word_hashes
from bioner.curation.minhash import Signed, Signer
from bioner.curation.ragged import Flags, Hashes, Ints, Ragged


@dataclass(frozen=True, slots=True)
class Comparison:
    """From when texts count as shared.

    Attributes:
        threshold: the Jaccard similarity of near-duplicates.
        run: how many consecutive words must not be shared; twice as many in Chinese, whose words are characters.
        signer: for this threshold.
    """

    threshold: float
    run: int
    signer: Signer

    @classmethod
    def of(cls, threshold: float, run: int, seed: int) -> Comparison:
        """The same seed finds the same pairs."""
        return cls(threshold, run, Signer(threshold, seed))

    def prepare(self, texts: Sequence[str], language: str) -> Texts:
        """Texts of one language, ready to be compared."""
        words = word_hashes(texts)
        return Texts(language, keys_of(texts), words, self.signer.sign(words, language))

    def run_of(self, language: str) -> int:
        """How many consecutive words must not be shared."""
        return 2 * self.run if language == "zh" else self.run


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of one language as they are compared.

    Attributes:
        keys: a hash of each text but for case and blanks.
        words: hashes of the words of each.
        signed: their shingles and signatures.
    """

    language: str
    keys: Hashes
    words: Ragged
    signed: Signed

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, which: Ints) -> Texts:
        """The texts of these numbers, in this order."""
        return Texts(self.language, self.keys[which], self.words.take(which), self.signed.take(which))


class Known:
    """Texts that others are compared with; the others have to be of the same language.

    Args:
        texts: the known texts.
        comparison: from when others count as shared.
    """

    def __init__(self, texts: Texts, comparison: Comparison) -> None:
        self._texts = texts
        self._comparison = comparison
        self._keys = np.unique(texts.keys)
        self._runs: dict[int, Hashes] = {}  # by length, made when first needed

    def equal(self, texts: Texts) -> Flags:
        """Which texts are known but for case, blanks and tokenisation."""
        return contained(texts.keys, self._keys)

    def resemble(self, texts: Texts) -> Flags:
        """Which texts nearly repeat a known one."""
        return resemble(texts.signed, self._texts.signed, self._comparison.threshold)

    def share_runs(self, texts: Texts) -> Flags:
        """Which texts share a run of words with a known one.

        Of two texts, one that is shorter than the run, but not than half of it, must not lie in the other.
        """
        run = self._comparison.run_of(texts.language)
        half = (run + 1) // 2
        lengths = np.minimum(texts.words.lengths, run)
        flags = np.zeros(len(texts), np.bool_)
        for length in range(half, run + 1):
            exact, longer = np.flatnonzero(lengths == length), np.flatnonzero(lengths > length)
            for which, known in ((exact, self._runs_of(length)), (longer, self._wholes_of(length))):
                found = runs(texts.words.take(which), length)
                flags[which] |= found.any(contained(found.values, known))
        return flags

    def _runs_of(self, length: int) -> Hashes:
        if length not in self._runs:
            self._runs[length] = np.unique(runs(self._texts.words, length).values)
        return self._runs[length]

    def _wholes_of(self, length: int) -> Hashes:
        """Of the known texts that have just so many words."""
        words = self._texts.words
        return np.unique(runs(words.take(np.flatnonzero(words.lengths == length)), length).values)
