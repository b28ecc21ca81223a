"""Forms: a text with its case folded, or normalised, each character with the place it has in the text.

Every character is changed by itself, so that the form of a part is a part of the form.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bioner.documents import Fragment

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe31\ufe32\ufe58\ufe63\uff0d"
_SINGLE = "\u2018\u2019\u201a\u201b\u2032\u02b9\u02bc\u00b4\u0060\uff07"
_DOUBLE = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f\uff02"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_ALIKE = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DOUBLE, '"'),
    **dict.fromkeys(_UNSEEN, ""),
}
_SPACELESS = "\u2e80"  # from here on: scripts whose words are not parted by blanks, but for Korean


@dataclass(frozen=True, slots=True)
class Form:
    """Another form of a text.

    Attributes:
        text: the form.
        origins: for each of its characters, the place in the text of the character that it comes from, ascending.
    """

    text: str
    origins: list[int]

    def extent(self, start: int, end: int) -> Fragment | None:
        """Where a part of the form is in the text; `None` if it begins or ends within a character of the text."""
        origins = self.origins
        if start and origins[start - 1] == origins[start]:
            return None
        if end < len(origins) and origins[end] == origins[end - 1]:
            return None
        return origins[start], origins[end - 1] + 1


def folded(text: str) -> Form:
    """The text without its case."""
    whole = text.casefold()
    if len(whole) == len(text):  # no character becomes several; none becomes nothing
        return Form(whole, list(range(len(text))))
    return _form((place, piece) for place, char in enumerate(text) for piece in char.casefold())


def normalised(text: str) -> Form:
    """The text with one form of all that looks alike.

    Without case; compatibility forms (full width, ligatures, superscripts, composed accents) taken apart as in
    Unicode's NFKD, which makes the same characters equal as NFKC does; one kind of dash and of each quotation mark; no
    soft hyphens and characters without width. Of blanks, a single one stays between two words that would run into each
    other without it: `IL - 2` becomes `il-2`.
    """
    pieces: list[tuple[int, str]] = []
    marks = 0  # how many combining marks the pieces end with
    blank: int | None = None
    for place, char in enumerate(text):
        for piece in _NORMAL[char]:
            if piece.isspace():
                blank = place if blank is None else blank
                continue
            if blank is not None:
                if pieces and _joins(pieces[-1][1]) and _joins(piece):
                    pieces.append((blank, " "))
                blank, marks = None, 0
            pieces.append((place, piece))
            marks = marks + 1 if unicodedata.combining(piece) else 0
            if marks > 1:
                _order(pieces, marks)
    return _form(pieces)


def _form(pieces: Iterable[tuple[int, str]]) -> Form:
    origins, characters = [], []
    for place, piece in pieces:
        origins.append(place)
        characters.append(piece)
    return Form("".join(characters), origins)


def _order(pieces: list[tuple[int, str]], marks: int) -> None:
    """Bring the last marks into canonical order; their places stay ascending, as a match has all of them or none."""
    run = pieces[-marks:]
    ordered = sorted((piece for _, piece in run), key=unicodedata.combining)
    pieces[-marks:] = [(place, piece) for (place, _), piece in zip(run, ordered, strict=True)]


def _joins(char: str) -> bool:
    """Whether a word could go on with this character if the blank beside it were not there."""
    return char < _SPACELESS and unicodedata.category(char)[0] in "LNM"


class _Normal(dict[str, str]):
    """Character -> its normal form; what a character becomes is worked out once."""

    def __missing__(self, char: str) -> str:
        alike = _ALIKE.get(char, char)
        if alike == char:
            alike = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
            alike = "".join(_ALIKE.get(piece, piece) for piece in alike)
        self[char] = alike
        return alike


_NORMAL = _Normal()
