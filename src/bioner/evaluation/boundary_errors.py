"""Boundary errors: at which end a prediction is too long or too short, and by how many words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from bioner.documents import Span
from bioner.evaluation.error_analysis import Error
from bioner.words import Words

Shift = Literal["left, too long", "left, too short", "right, too long", "right, too short", "other fragments"]
SHIFTS: tuple[Shift, ...] = get_args(Shift)


@dataclass(frozen=True, slots=True)
class BoundaryError:
    """One end of a mention that was found elsewhere than it is; a mention may be wrong at both ends.

    Attributes:
        shift: the end, and whether the prediction holds too much or too little there; `other fragments` if both ends
            are right and the gaps between are not.
        words: how many whole words; 0 if the ends differ by less than a word.
        stretch: the characters that are too many or missing; empty for `other fragments`.
        language: of the document.
    """

    shift: Shift
    words: int
    stretch: str
    language: str


def boundary_errors(errors: Iterable[Error], texts: Mapping[str, tuple[str, str]]) -> list[BoundaryError]:
    """The boundary errors of all mentions that were found with another extent, whatever their type.

    Args:
        errors: as of `error_analysis`.
        texts: id of a document -> its text and its language.
    """
    found: list[BoundaryError] = []
    for error in errors:
        if error.gold and error.predicted and error.kind in ("wrong boundary", "both"):
            found += _ends(error.gold, error.predicted, *texts[error.document])
    return found


def _ends(gold: Span, predicted: Span, text: str, language: str) -> Iterator[BoundaryError]:
    left, right = predicted.start - gold.start, predicted.end - gold.end
    if left:
        shift: Shift = "left, too long" if left < 0 else "left, too short"
        yield _error(shift, sorted((gold.start, predicted.start)), text, language)
    if right:
        shift = "right, too long" if right > 0 else "right, too short"
        yield _error(shift, sorted((gold.end, predicted.end)), text, language)
    if not left and not right:
        yield BoundaryError("other fragments", 0, "", language)


def _error(shift: Shift, ends: list[int], text: str, language: str) -> BoundaryError:
    start, end = ends
    return BoundaryError(shift, _whole_words(text, start, end), text[start:end].strip(), language)


def _whole_words(text: str, start: int, end: int) -> int:
    starts, ends = _words(text)
    return max(0, bisect_right(ends, end) - bisect_left(starts, start))


@lru_cache(maxsize=1)  # the errors of a document follow each other
def _words(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    offsets = Words.of(text).offsets
    return tuple(start for start, _ in offsets), tuple(end for _, end in offsets)
