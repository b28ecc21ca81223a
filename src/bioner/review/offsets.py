"""Offsets of a review: code points, or UTF-16 units as the browser counts; the words of its regions tell which."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bioner.errors import DataError
from bioner.review.exported import Region, Review

Unit = Callable[[str, int], int | None]  # text and offset -> the offset in code points, if there is one


def code_points(text: str, offset: int) -> int | None:
    """An offset that counts code points, as Label Studio has it since the end of 2021."""
    return offset if 0 <= offset <= len(text) else None


def utf16(text: str, offset: int) -> int | None:
    """An offset that counts UTF-16 units, as older versions have it; none within a character."""
    if offset < 0:
        return None
    units = 0
    for position, character in enumerate(text):
        if units >= offset:
            return position if units == offset else None
        units += 2 if ord(character) > 0xFFFF else 1
    return len(text) if units == offset else None


def unit_of(reviews: Sequence[Review]) -> Unit:
    """The unit in which every region of a file holds the words that it says: code points, if both do.

    Raises:
        DataError: neither does; the first region that does not fit is named.
    """
    regions = [(one, region) for one in reviews for annotation in one.annotations for region in annotation]
    for unit in (code_points, utf16):
        if all(place(unit, one, region) is not None for one, region in regions):
            return unit
    one, region = next(pair for pair in regions if place(code_points, *pair) is None)
    what = f"the region [{region.start}, {region.end}] of {one.document!r} does not hold the words {region.text!r}"
    raise DataError(what, where=one.where, mend="export the tasks anew and review them: their texts were changed")


def place(unit: Unit, review: Review, region: Region) -> tuple[int, int] | None:
    """Start and end of a region in code points; `None` if it lies outside the text or holds other words."""
    start, end = unit(review.text, region.start), unit(review.text, region.end)
    if start is None or end is None or start >= end:
        return None
    if region.text is not None and _plain(region.text) != _plain(review.text[start:end]):
        return None
    return start, end


def _plain(words: str) -> str:
    """Words without what a browser makes of blanks: they are merged, and lines are joined by a backslash and an n."""
    return " ".join(words.replace("\\n", " ").split())
