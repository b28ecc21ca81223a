"""Quality filters: which sentences are worth annotating, by the eight heuristics of the GLiNER-BioMed corpus.

Sentences, newlines and stop words are those of a document; its sentences stand and fall together. Everything else is of
one sentence. A word is one of `bioner.words`, a single character in Chinese, so that each language needs thresholds of
its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bioner.config import Thresholds
from bioner.curation.characters import Characters
from bioner.curation.compare import Texts
from bioner.curation.hashing import contained, hash_text, sets_of
from bioner.curation.minhash import shingle_length
from bioner.curation.ragged import Flags, Hashes, Ints
from bioner.curation.stop_words import STOP_WORDS

Shares = npt.NDArray[np.float64]

_RUNNING_TEXT = 40  # words from which a document is judged by its stop words: titles and notes do without


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences of documents of one language.

    Attributes:
        texts: the sentences.
        compared: the same, as they are compared.
        documents: the number of each sentence's document.
        newlines: of each document, within its text.
    """

    texts: Sequence[str]
    compared: Texts
    documents: Ints
    newlines: Ints


def defects(batch: Batch, limits: Thresholds) -> Iterator[tuple[str, Flags]]:
    """Each reason to drop sentences, and which sentences it concerns."""
    yield from _of_documents(batch, limits)
    words = batch.compared.words
    yield "too short", words.lengths < limits.words[0]
    yield "too long", words.lengths > limits.words[1]
    characters = Characters(batch.texts)
    yield "too many symbols", _share(characters.special(), characters.visible()) > limits.special
    yield "too many capitals", _share(characters.capitals(), characters.letters()) > limits.capitals
    yield "too few different words", _share(sets_of(words).lengths, words.lengths) < limits.diversity
    shingles = np.maximum(words.lengths - shingle_length(batch.compared.language) + 1, 1)
    yield "repetitive", 1 - _share(batch.compared.signed.shingles.lengths, shingles) > limits.repetition


def _of_documents(batch: Batch, limits: Thresholds) -> Iterator[tuple[str, Flags]]:
    count = np.bincount(batch.documents, minlength=len(batch.newlines))
    yield "document with too few sentences", (count < limits.sentences[0])[batch.documents]
    yield "document with too many sentences", (count > limits.sentences[1])[batch.documents]
    yield "document with too many newlines", (_share(batch.newlines, count) > limits.newlines)[batch.documents]
    words = batch.compared.words
    stops = words.count(contained(words.values, _stop_hashes(batch.compared.language)))
    size = np.bincount(batch.documents, words.lengths, len(count))
    share = _share(np.bincount(batch.documents, stops, len(count)), size)
    judged = (size >= _RUNNING_TEXT) & (batch.compared.language in STOP_WORDS)
    yield "document with too few stop words", (judged & (share < limits.stop_words))[batch.documents]


def _share(part: npt.NDArray[np.generic], whole: npt.NDArray[np.generic]) -> Shares:
    return np.asarray(part, np.float64) / np.maximum(np.asarray(whole, np.float64), 1)


def _stop_hashes(language: str) -> Hashes:
    return np.sort(np.fromiter(map(hash_text, STOP_WORDS.get(language, ())), np.uint64))
