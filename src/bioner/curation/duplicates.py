"""Near-duplicates: texts that share a band are candidates, and their exact Jaccard similarity decides.

Every pair that is called a duplicate is one; of the pairs at the threshold, few are missed. Memory is that of the
signed texts, and a few numbers for each text that shares a band with another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from bioner.curation.hashing import BLOCK, contained, numbered
from bioner.curation.minhash import Signed
from bioner.curation.ragged import Flags, Ints

_PAIRS = BLOCK  # that are compared at once


def repeated(texts: Signed, threshold: float, left_out: Flags) -> Flags:
    """Which texts nearly repeat an earlier one that does not itself: all others are kept.

    Args:
        texts: in the order that decides which of a pair is kept.
        threshold: the Jaccard similarity from which two texts are near-duplicates.
        left_out: texts that are not looked at.
    """
    flags = np.zeros(len(texts), np.bool_)
    kept: defaultdict[int, list[int]] = defaultdict(list)  # bucket -> the kept texts in it
    for text, buckets in _crowded(texts):
        if left_out[text]:
            continue
        candidates = {other for bucket in buckets if bucket in kept for other in kept[bucket]}
        if candidates and _any_similar(texts, text, np.array(sorted(candidates)), threshold):
            flags[text] = True
        else:
            for bucket in buckets:
                kept[bucket].append(text)
    return flags


def resemble(texts: Signed, known: Signed, threshold: float) -> Flags:
    """Which texts have a near-duplicate among the known ones."""
    flags = np.zeros(len(texts), np.bool_)
    for band in range(known.bands.shape[1] if len(known) else 0):
        order = np.argsort(known.bands[:, band], kind="stable")
        column, left = known.bands[order, band], np.flatnonzero(~flags)
        first = np.searchsorted(column, texts.bands[left, band], "left")
        counts = np.searchsorted(column, texts.bands[left, band], "right") - first
        for part in _portions(counts):
            ours = np.repeat(left[part], counts[part])
            ends = np.cumsum(counts[part])
            theirs = order[np.arange(len(ours)) + np.repeat(first[part] + counts[part] - ends, counts[part])]
            flags[ours[_similar(texts, ours, known, theirs, threshold)]] = True
    return flags


def _portions(counts: Ints) -> Iterator[Ints]:
    """Numbers of the texts that have candidates, in portions of about as many pairs as are compared at once."""
    some = np.flatnonzero(counts)
    portions = np.cumsum(counts[some]) // _PAIRS
    yield from (some[portions == portion] for portion in np.unique(portions))


def _crowded(texts: Signed) -> Iterator[tuple[int, list[int]]]:
    """Each text that shares a band with another, in order, with the numbers of the buckets it shares."""
    owners: list[Ints] = []
    buckets: list[Ints] = []
    known = 0
    for band in range(texts.bands.shape[1]):
        order = np.argsort(texts.bands[:, band], kind="stable")
        column = texts.bands[order, band]
        fresh = np.concatenate((np.ones(min(len(column), 1), np.bool_), column[1:] != column[:-1]))
        bucket = np.cumsum(fresh) - 1
        crowded = np.bincount(bucket)[bucket] > 1 if len(bucket) else fresh
        owners.append(order[crowded])
        buckets.append(bucket[crowded] + known)
        known += len(column)
    owner = np.concatenate(owners) if owners else np.empty(0, np.int64)
    order = np.argsort(owner, kind="stable")
    owner, shared = owner[order], np.concatenate([*buckets, np.empty(0, np.int64)])[order]
    del owners, buckets, order
    edges = np.concatenate((np.flatnonzero(np.diff(owner, prepend=-1)), [len(owner)]))
    for start, end in pairwise(edges):
        yield int(owner[start]), shared[start:end].tolist()


def _any_similar(texts: Signed, text: int, others: Ints, threshold: float) -> bool:
    """Whether a text is similar to one of the others."""
    own, shingles = texts.shingles[text], texts.shingles.take(others)
    return bool(_enough(shingles.count(contained(shingles.values, own)), len(own), shingles.lengths, threshold).any())


def _similar(left: Signed, ours: Ints, right: Signed, theirs: Ints, threshold: float) -> Flags:
    """For each pair of texts whether it is similar; a shingle and the number of its pair are one number."""
    parts = []
    for first in range(0, len(ours), _PAIRS):
        mine = left.shingles.take(ours[first : first + _PAIRS])
        other = right.shingles.take(theirs[first : first + _PAIRS])
        shared = other.count(contained(numbered(other), numbered(mine)))
        parts.append(_enough(shared, mine.lengths, other.lengths, threshold))
    return np.concatenate(parts)


def _enough(shared: Ints, left: Ints | int, right: Ints, threshold: float) -> Flags:
    """Whether the Jaccard similarity of sets of these sizes reaches the threshold."""
    return np.asarray(shared >= threshold * (left + right - shared), np.bool_)
