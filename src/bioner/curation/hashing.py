"""Hashes: texts as arrays of 64-bit numbers, one a word or a run of words, which numpy compares at once.

A run of words is hashed as a polynomial of its words' hashes modulo 2**64, so that all runs of all texts of a chunk
take one pass for each word of the run. Two different runs share a hash once in 10**19 pairs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np

from bioner.curation.ragged import Flags, Hashes, Ints, Ragged
from bioner.words import Words

BLOCK = 1 << 12  # lists that are numbered at once, in the upper bits of a hash
_SHIFT = np.uint64(64 - 12)
_MASK = np.uint64((1 << 52) - 1)
_BASE = 0x9E3779B97F4A7C15  # odd, so that no word of a run loses its weight
_REMEMBERED = 1 << 19  # tokens whose words are kept at hand
_LONGEST = 24  # characters of such a token: longer ones, as Chinese sentences, hardly come again


class _TokenHashes(dict[str, tuple[int, ...]]):
    """Token without blanks -> hashes of its words without their case; all are forgotten when there are too many."""

    def __missing__(self, token: str) -> tuple[int, ...]:
        value = tuple(map(_hash_word, Words.of(token).texts(token)))
        if len(token) <= _LONGEST:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[token] = value
        return value


# Words never reach over a blank, and most tokens come again.
_KNOWN = _TokenHashes()


@lru_cache(_REMEMBERED)
def _hash_word(word: str) -> int:
    return hash_text(word.casefold())


def hash_text(text: str) -> int:
    """A 64-bit hash that is the same in every process, which that of Python is not."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def key_of(text: str) -> int:
    """The hash of a text but for case, blanks and tokenisation."""
    return hash_text("".join(text.casefold().split()))


def keys_of(texts: Iterable[str]) -> Hashes:
    """The key of each text."""
    return np.fromiter(map(key_of, texts), np.uint64)


def word_hashes(texts: Iterable[str]) -> Ragged:
    """The hashes of the words of each text, without their case."""
    lengths: list[int] = []
    values: list[int] = []
    for text in texts:
        before = len(values)
        values.extend(chain.from_iterable(map(_KNOWN.__getitem__, text.split())))
        lengths.append(len(values) - before)
    return Ragged.of(np.array(values, np.uint64), np.array(lengths, np.int64))


def runs(words: Ragged, n: int) -> Ragged:
    """The hashes of all runs of `n` words of each text; of a shorter text, that of the whole text, if it has a word."""
    lengths, starts = words.lengths, words.offsets[:-1]
    counts = np.where(lengths >= n, lengths - n + 1, np.minimum(lengths, 1))
    result = Ragged.of(np.empty(counts.sum(), np.uint64), counts)
    long = np.repeat(lengths >= n, counts)
    inside = np.arange(len(result.values)) - np.repeat(result.offsets[:-1], counts)
    places = np.repeat(starts, counts) + inside
    result.values[long] = _polynomial(words.values, places[long], n)
    for length in np.unique(lengths[lengths < n]):
        if length:
            short = np.repeat(lengths == length, counts)
            result.values[short] = _polynomial(words.values, places[short], int(length))
    return result


def _polynomial(values: Hashes, places: Ints, n: int) -> Hashes:
    total = np.zeros(len(places), np.uint64)
    for step in range(n):
        total *= np.uint64(_BASE)
        total += values[places + step]
    return total


def numbered(lists: Ragged) -> Hashes:
    """The values, each as one number with that of its list: to compare up to `BLOCK` pairs of lists at once."""
    return lists.owners.astype(np.uint64) << _SHIFT | lists.values & _MASK


def sets_of(lists: Ragged) -> Ragged:
    """The different values of each list, sorted; hashes lose the bits that number the lists."""
    blocks = range(0, len(lists), BLOCK)
    return Ragged.joined([_sets(lists.take(np.arange(first, min(first + BLOCK, len(lists))))) for first in blocks])


def _sets(lists: Ragged) -> Ragged:
    values = numbered(lists)
    values.sort()
    values = values[np.concatenate((np.ones(min(len(values), 1), np.bool_), values[1:] != values[:-1]))]
    lengths = np.bincount((values >> _SHIFT).astype(np.int64), minlength=len(lists))
    return Ragged.of(values & _MASK, lengths)


def contained(values: Hashes, known: Hashes) -> Flags:
    """Which of the values are among the known ones, which are sorted."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    places = np.searchsorted(known, values)
    found: Any = known[np.minimum(places, len(known) - 1)] == values
    return np.asarray(found, np.bool_)
