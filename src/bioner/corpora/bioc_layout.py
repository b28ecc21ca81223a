"""Where the passages and annotations of a BioC document lie: offsets counted in characters or another unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from bioner.corpora.reading import Reading, Touched
from bioner.corpora.standoff import check_mention
from bioner.documents import Fragment, Span
from bioner.errors import DataError

Size = Callable[[str], int]
"""How many units a text is long."""

_UNITS: Mapping[str, Size] = MappingProxyType(
    {"UTF-16 units": lambda text: len(text.encode("utf-16-le")) // 2, "UTF-8 bytes": lambda text: len(text.encode())}
)
"""What some tools count instead of characters; blanks are one unit in each."""

_LAST_OFFSET = 1 << 26  # an offset beyond has no text before it; filling up to it would take all memory


class Passage(NamedTuple):
    """A passage: `(offset, text)` of it, or of each of its sentences."""

    infons: Mapping[str, Any]
    pieces: tuple[tuple[int, str], ...]


class Mention(NamedTuple):
    """An annotation: `(offset, length)` of each of its locations, and what it says stands there, if it does."""

    label: str
    text: str | None
    locations: tuple[tuple[int, int], ...]
    where: str


class Fit(NamedTuple):
    """A text made of passages.

    Attributes:
        extents: where each passage begins and ends.
        spans: of the mentions that stand where they should.
        errors: what is wrong with the others.
        noticed: the spans whose mention was given with other blanks.
    """

    text: str
    extents: list[Fragment]
    spans: list[Span]
    errors: list[DataError]
    noticed: list[Touched]


def best_fit(passages: Sequence[Passage], mentions: Sequence[Mention], reading: Reading, where: str) -> Fit:
    """The text and its spans by offsets that count characters; or another unit, if it fits better and mending is asked.

    Raises:
        DataError: the offset of a passage goes backwards, or is beyond any text.
    """
    best = fit(passages, mentions, len, where)
    if not best.errors or reading.on_error != "repair":
        return best
    first, done = best.errors[0], ""
    for unit, size in _UNITS.items():
        try:
            other = fit(passages, mentions, size, where)
        except DataError:  # passages would overlap: it is another unit
            continue
        if len(other.errors) < len(best.errors):
            best, done = other, f"read the offsets as {unit}"
    if done:
        reading.mended(first, done)
    return best


def fit(passages: Iterable[Passage], mentions: Iterable[Mention], size: Size, where: str) -> Fit:
    """Join passages, and find their mentions, by offsets that count units of some size.

    Raises:
        DataError: the offset of a passage goes backwards, or is beyond any text.
    """
    text, extents = _join(passages, size, where)
    return Fit(text, extents, *_place(mentions, text, size))


def _join(passages: Iterable[Passage], size: Size, where: str) -> tuple[str, list[Fragment]]:
    """The text of passages, and where in it each begins and ends, in characters."""
    parts: list[str] = []
    extents = []
    end = length = 0  # of the text so far, in units and in characters
    for passage in passages:
        start: int | None = None
        for offset, text in passage.pieces:
            gap = offset - end
            if gap < 0 or offset > _LAST_OFFSET:
                what = f"a passage begins at {offset}, the text before it ends at {end}"
                raise DataError(what, where=where, mend="correct the offset: passages follow each other in one text")
            if text:
                filling = " " * (gap - 1) + "\n" if gap and start is None else " " * gap
                start = length + gap if start is None else start
                parts += [filling, text]
                length += gap + len(text)
                end = offset + size(text)
        extents.append((length if start is None else start, length))
    return "".join(parts), extents


def _place(mentions: Iterable[Mention], text: str, size: Size) -> tuple[list[Span], list[DataError], list[Touched]]:
    """The spans of mentions, what is wrong with the others, and what is odd about those."""
    index = _index(text, size)
    spans: list[Span] = []
    errors: list[DataError] = []
    noticed: list[Touched] = []
    for mention in mentions:
        fragments = sorted((index(offset), index(offset + length)) for offset, length in mention.locations)
        span = Span(tuple(fragments), mention.label)
        claimed = span.mention(text) if mention.text is None else mention.text
        try:
            check_mention(span, text, claimed, mention.where, noticed)
        except DataError as error:
            errors.append(error)
        else:
            spans.append(span)
    return spans, errors, noticed


def _index(text: str, size: Size) -> Callable[[int], int]:
    """From offsets in units to offsets in characters; -1 for what is inside a character or outside the text."""
    if size is len:
        return lambda offset: offset
    starts, position = {}, 0
    for number, character in enumerate(text):
        starts[position] = number
        position += size(character)
    starts[position] = len(text)
    return lambda offset: starts.get(offset, -1)
