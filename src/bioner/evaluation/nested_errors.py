"""Nested errors: of a gold mention within another one, which of the two was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, get_args

from bioner.evaluation.mentions import Case, Extent, overlaps
from bioner.evaluation.schemes import strict

Outcome = Literal["both found", "inner missed", "outer missed", "both missed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Nest = tuple[str, str, Outcome]  # type of the outer mention, type of the inner one, what became of them


def nested_errors(documents: Iterable[Case]) -> Counter[Nest]:
    """What became of every pair of gold mentions of which one lies within the other.

    All characters of the inner mention belong to the outer one, which has more. A mention is found if it is right by
    the scheme `strict`. A mention with two others inside it makes two pairs.
    """
    counts: Counter[Nest] = Counter()
    for case in documents:
        extents = [mention.extent for mention in case.gold]
        found = {i for i, _ in strict(case)}
        for (inner, outer), shared in overlaps(extents, extents).items():
            if shared == _size(extents[inner]) < _size(extents[outer]):
                outcome = _outcome(inner in found, outer in found)
                counts[case.gold[outer].label, case.gold[inner].label, outcome] += 1
    return counts


def _size(extent: Extent) -> int:
    return sum(end - start for start, end in extent)


def _outcome(inner: bool, outer: bool) -> Outcome:
    if inner:
        return "both found" if outer else "outer missed"
    return "inner missed" if outer else "both missed"
