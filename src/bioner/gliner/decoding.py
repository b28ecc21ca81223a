"""Decoding: from scored word spans to the annotation of a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bioner.documents import Document, Span
from bioner.gliner.overlap import Overlap
from bioner.words import Words


class Candidate(NamedTuple):
    """A span that a model scored above its floor: first and last word, type key, probability."""

    first: int
    last: int
    key: str
    score: float


def select(candidates: Iterable[Candidate], threshold: float, overlap: Overlap) -> list[Candidate]:
    """The best set of candidates, taken greedily from the highest score (ties: by place, then by type).

    A span that crosses a better one of any type is dropped. One that lies within a better one or around it is kept if
    spans may nest, one with the extent of a better one if an extent may have several types.
    """
    kept: list[Candidate] = []
    at: dict[int, list[Candidate]] = defaultdict(list)  # word -> spans kept that cover it
    for candidate in sorted(candidates, key=lambda c: (-c.score, c[:3])):
        if candidate.score < threshold:
            break
        words = range(candidate.first, candidate.last + 1)
        if all(_compatible(candidate, other, overlap) for word in words for other in at[word]):
            kept.append(candidate)
            for word in words:
                at[word].append(candidate)
    return sorted(kept)


def _compatible(one: Candidate, other: Candidate, overlap: Overlap) -> bool:
    """Whether two spans that share a word may both stand."""
    if one[:2] == other[:2]:
        return overlap >= Overlap.MULTI_LABEL
    if overlap == Overlap.FLAT:
        return False
    inside = one.first >= other.first and one.last <= other.last
    return inside or (one.first <= other.first and one.last >= other.last)


def annotate(
    document: Document, words: Words, candidates: Sequence[Candidate], threshold: float, overlap: Overlap
) -> Document:
    """The document with the selected candidates instead of the spans it had."""
    chosen = select(candidates, threshold, overlap)
    return document.with_spans(
        Span.of(*words.characters(c.first, c.last), c.key, min(1.0, round(c.score, 6))) for c in chosen
    )
