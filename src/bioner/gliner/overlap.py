"""How entities may lie over one another: what the training data does, predictions may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import pairwise

from bioner.words import WordSpan

_SEVERAL = 0.01  # share of extents with several types from which it is meant, and no slip of an annotator


class Overlap(IntEnum):
    """What may stand together; each allows what those before it allow."""

    FLAT = 0  # no word in two entities
    NESTED = 1  # one entity within another of another extent
    MULTI_LABEL = 2  # several types for one extent


def overlap_of(documents: Iterable[Sequence[tuple[int, int, str]]]) -> Overlap:
    """What documents show; the entities of each are given as first word, last word and type."""
    nested, extents, several = False, 0, 0
    for entities in documents:
        labels: dict[WordSpan, set[str]] = {}
        for first, last, label in entities:
            labels.setdefault((first, last), set()).add(label)
        ordered = sorted(labels, key=lambda extent: (extent[0], -extent[1]))
        nested = nested or any(outer[1] >= inner[1] for outer, inner in pairwise(ordered))
        extents += len(labels)
        several += sum(len(found) > 1 for found in labels.values())
    if several and several >= _SEVERAL * extents:
        return Overlap.MULTI_LABEL
    return Overlap.NESTED if nested else Overlap.FLAT
