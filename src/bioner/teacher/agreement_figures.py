"""Figures of agreement between two annotations of the same documents: F1, and Cohen's kappa on words.

Mentions have no number of true negatives, so that kappa is not defined on them; with many of these it tends to F1,
which is the figure for mentions (Hripcsak and Rothschild 2005, "Agreement, the F-measure, and reliability in
information retrieval"). On words it is defined: each word has the set of the types whose mentions cover it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from bioner.documents import Document, Span
from bioner.words import Words

Score = Callable[[Sequence[Document], Sequence[Document]], float | None]
_Pair = tuple[frozenset[str], frozenset[str]]  # the types that cover a word, in each annotation


@dataclass(frozen=True, slots=True)
class Pair:
    """How far two annotations agree.

    Attributes:
        one, other: their names.
        f1: strict F1 of one against the other, the same in both directions; `None` without any mention.
        kappa: Cohen's kappa of the sets of types of all words; `None` if chance alone explains everything.
        kappa_per_type: the same for each type by itself: whether a word is covered by one of its mentions.
    """

    one: str
    other: str
    f1: float | None
    kappa: float | None
    kappa_per_type: Mapping[str, float | None]

    def to_record(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        return asdict(self)


def pairwise(annotations: Mapping[str, Sequence[Document]], score: Score) -> list[Pair]:
    """The agreement of each pair.

    Args:
        annotations: name -> the same documents in the same order.
        score: the metric.
    """
    pairs = []
    for one, other in combinations(annotations, 2):
        words = Counter(_words(annotations[one], annotations[other]))
        types = sorted(frozenset[str]().union(*(covered for pair in words for covered in pair)))
        per_type = {key: kappa(_merged(words, key)) for key in types}
        pairs.append(Pair(one, other, score(annotations[one], annotations[other]), kappa(words), per_type))
    return pairs


def kappa(pairs: Mapping[tuple[Any, Any], int]) -> float | None:
    """Cohen's kappa: (observed - expected) / (1 - expected) agreement of two raters (Cohen 1960).

    Args:
        pairs: what each of the two said -> how often they said it together.

    Returns:
        At most 1; `None` if nothing was rated, or if both always said one and the same thing.
    """
    total = sum(pairs.values())
    left: Counter[Any] = Counter()
    right: Counter[Any] = Counter()
    for (one, other), count in pairs.items():
        left[one] += count
        right[other] += count
    chance = sum(count * right[said] for said, count in left.items())  # times the square of the total, and so exact
    if chance == total * total:
        return None
    same = sum(count for (one, other), count in pairs.items() if one == other)
    return round((same * total - chance) / (total * total - chance), 6)


def _words(one: Sequence[Document], other: Sequence[Document]) -> Iterator[_Pair]:
    for left, right in zip(one, other, strict=True):
        offsets = Words.of(left.text).offsets
        yield from zip(_covering(left.spans, offsets), _covering(right.spans, offsets), strict=True)


def _covering(spans: Sequence[Span], offsets: Sequence[tuple[int, int]]) -> list[frozenset[str]]:
    """For each word the types of the spans that it lies in, wholly or in part."""
    parts = [(start, end, span.label) for span in spans for start, end in span.fragments]
    return [frozenset(label for start, end, label in parts if start < last and first < end) for first, last in offsets]


def _merged(words: Mapping[_Pair, int], key: str) -> Counter[tuple[bool, bool]]:
    merged: Counter[tuple[bool, bool]] = Counter()
    for (one, other), count in words.items():
        merged[key in one, key in other] += count
    return merged
