"""Decontamination: texts that share a run of words with a text that models are judged on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bioner.curation.ngrams import ngrams
from bioner.curation.passages import key_of


class Protected:
    """Texts that no training text may share `n` consecutive words with; shorter training texts must not lie in one.

    Chinese words are single characters, hence twice as many of them are compared.

    Args:
        texts: the words of each protected text.
        n: number of words.
    """

    def __init__(self, texts: Iterable[Sequence[str]], n: int) -> None:
        self._texts = list(texts)
        self._n = n
        self._runs: dict[int, frozenset[str]] = {}  # by length, made when first needed

    def shares(self, words: Sequence[str], language: str) -> bool:
        """Whether a text shares such a run, or lies as a whole in a protected text."""
        length = min(2 * self._n if language == "zh" else self._n, len(words))
        return not self._runs_of(length).isdisjoint(ngrams(words, length))

    def _runs_of(self, length: int) -> frozenset[str]:
        if length not in self._runs:
            texts = (text for text in self._texts if len(text) >= length)
            self._runs[length] = frozenset(run for text in texts for run in ngrams(text, length))
        return self._runs[length]


def shared_texts(left: Iterable[str], right: Iterable[str]) -> int:
    """How many texts of the left side are also on the right side, but for case, blanks and tokenisation."""
    known = {key_of(text) for text in right}
    return sum(key_of(text) in known for text in left)
