"""Mentions: the annotated spans of one document, gold and predicted, in the one form that the metric compares."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from bioner.documents import Document, Fragment, Span

Extent = tuple[Fragment, ...]
Pair = tuple[int, int]  # index of a gold mention, index of a predicted one
Shape = Literal["flat", "nested", "discontinuous"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


@dataclass(frozen=True, slots=True)
class Mention:
    """A span as the metric sees it.

    Attributes:
        extent: the fragments; those that touch are joined, so that equal extents are equal sets of characters.
        label: the key of the entity type.
        span: the span as it was given.
    """

    extent: Extent
    label: str
    span: Span


@dataclass(frozen=True)
class Case:
    """One document as the metric sees it: both sides, where they overlap, and what shape each mention has."""

    document: str
    language: str
    gold: tuple[Mention, ...]
    predicted: tuple[Mention, ...]
    text: str = ""

    @classmethod
    def distinct(cls, gold: Document, predicted: Document) -> Case:
        """Each extent and label once a side, sorted: the same for any order of the spans."""
        return cls(gold.id, gold.language, distinct(gold.spans), distinct(predicted.spans), gold.text)

    @classmethod
    def as_given(cls, gold: Document, predicted: Document) -> Case:
        """The spans in their order, duplicates included."""
        return cls(gold.id, gold.language, _as_given(gold.spans), _as_given(predicted.spans), gold.text)

    @cached_property
    def edges(self) -> dict[Pair, int]:
        """The pairs of gold and predicted mentions that share characters -> how many they share."""
        return overlaps([mention.extent for mention in self.gold], [mention.extent for mention in self.predicted])

    @cached_property
    def gold_shapes(self) -> list[Shape]:
        """The shape of each gold mention (see `shapes`)."""
        return shapes(self.gold)

    @cached_property
    def predicted_shapes(self) -> list[Shape]:
        """The shape of each prediction among the predictions (see `shapes`)."""
        return shapes(self.predicted)


def _as_given(spans: Sequence[Span]) -> tuple[Mention, ...]:
    return tuple(Mention(_extent(span), span.label, span) for span in spans)


def distinct(spans: Sequence[Span]) -> tuple[Mention, ...]:
    """Of duplicates the span with the highest score is kept."""
    best: dict[tuple[Extent, str], Span] = {}
    for span in spans:
        key = _extent(span), span.label
        if key not in best or _rank(span) > _rank(best[key]):
            best[key] = span
    return tuple(Mention(*key, best[key]) for key in sorted(best))


def _rank(span: Span) -> tuple[float, Extent]:
    return (-1.0 if span.score is None else span.score), span.fragments


def _extent(span: Span) -> Extent:
    if span.contiguous:
        return span.fragments
    joined = [span.fragments[0]]
    for start, end in span.fragments[1:]:
        if start == joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def shapes(mentions: Sequence[Mention]) -> list[Shape]:
    """The shape of each mention of one side of a document.

    `discontinuous` if its extent has several fragments; else `nested` if it shares a character with another mention
    of its side (within, around or crossing it, or the same extent under another label); else `flat`. A duplicate
    makes nothing nested.
    """
    keys = list(dict.fromkeys((mention.extent, mention.label) for mention in mentions))
    extents = [extent for extent, _ in keys]
    nested = {keys[i] for i, j in overlaps(extents, extents) if i != j}
    return [
        "discontinuous" if len(m.extent) > 1 else "nested" if (m.extent, m.label) in nested else "flat"
        for m in mentions
    ]


def overlaps(left: Sequence[Extent], right: Sequence[Extent]) -> dict[Pair, int]:
    """The pairs `(i, j)` of extents of `left` and `right` that share characters -> how many they share."""
    fragments = sorted((start, end, j) for j, extent in enumerate(right) for start, end in extent)
    starts = [start for start, _, _ in fragments]
    longest = max((end - start for start, end, _ in fragments), default=0)
    shared: dict[Pair, int] = {}
    for i, extent in enumerate(left):
        for start, end in extent:
            for k in range(bisect_left(starts, start - longest + 1), bisect_left(starts, end)):
                other_start, other_end, j = fragments[k]
                common = min(end, other_end) - max(start, other_start)
                if common > 0:
                    shared[i, j] = shared.get((i, j), 0) + common
    return shared
