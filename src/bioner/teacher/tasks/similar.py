"""Similar: the annotated documents that are most like a text, as its few-shot examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bioner.curation.hashing import key_of, keys_of, runs, word_hashes
from bioner.curation.ragged import Hashes, Ints
from bioner.documents import Document

_GRAMS = (1, 2)  # words: a Chinese character is one


class Similar:
    """Finds the documents that share the most telling words with a text, in its language.

    Texts are compared by the words and pairs of words that they have, whatever their case and number, as the cosine of
    their vectors weighted by inverse document frequency. Equal texts in equal order give equal shots.

    Args:
        documents: annotated ones, from data that is trained on.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        groups: dict[str, list[Document]] = {}
        for document in documents:
            groups.setdefault(document.language, []).append(document)
        self._indices = {language: _Index(group) for language, group in groups.items()}

    def nearest(self, document: Document, count: int) -> list[Document]:
        """The documents most like this one, the most alike last, next to the text that is asked about.

        A document with the same text is left out, as it would give its annotations away, and so is one that has no word
        in common with it.
        """
        index = self._indices.get(document.language)
        return index.nearest(document.text, count) if index else []


class _Index:
    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        texts = [document.text for document in documents]
        self._keys = keys_of(texts)
        grams, owners = _grams(texts)
        self._grams, starts, spread = np.unique(grams, return_index=True, return_counts=True)
        self._owners = owners
        self._starts = np.append(starts, len(grams))
        self._weights = np.log((1 + len(texts)) / spread) ** 2
        sums = np.bincount(owners, weights=np.repeat(self._weights, spread), minlength=len(texts))
        self._norms = np.sqrt(np.maximum(sums, np.finfo(float).tiny))

    def nearest(self, text: str, count: int) -> list[Document]:
        known = np.flatnonzero(np.isin(self._grams, _grams([text])[0], assume_unique=True))
        places = [np.arange(self._starts[gram], self._starts[gram + 1]) for gram in known]
        if not places:
            return []
        owners = self._owners[np.concatenate(places)]
        weights = np.repeat(self._weights[known], [len(some) for some in places])
        likeness = np.bincount(owners, weights=weights, minlength=len(self._documents)) / self._norms
        likeness[self._keys == np.uint64(key_of(text))] = 0.0
        best = np.argsort(-likeness, kind="stable")[:count]
        return [self._documents[place] for place in best[::-1].tolist() if likeness[place] > 0.0]


def _grams(texts: Sequence[str]) -> tuple[Hashes, Ints]:
    """The different grams of each text, sorted by gram, and the number of the text that has it."""
    words = word_hashes(texts)
    found = [runs(words, n) for n in _GRAMS]
    grams = np.concatenate([some.values for some in found])
    owners = np.concatenate([some.owners for some in found])
    order = np.lexsort((owners, grams))
    grams, owners = grams[order], owners[order]
    new = np.ones(len(grams), np.bool_)
    new[1:] = (grams[1:] != grams[:-1]) | (owners[1:] != owners[:-1])
    return grams[new], owners[new]
