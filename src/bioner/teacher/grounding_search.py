"""Search: where the words of a mention stand in a text, in the strictest way in which they stand there at all.

`exact`, then without case (`folded`), then `normalised` (see `bioner.teacher.grounding_forms`), then `fuzzy`: the
places with the fewest edits, where these are few enough. Every place begins and ends at words of `bioner.words`, as the
models work on these; a Chinese character is a word.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from rapidfuzz.distance import Levenshtein

from bioner.documents import Fragment
from bioner.teacher.grounding_forms import Form, folded, normalised
from bioner.words import Words

EXACT, FOLDED, NORMALISED, FUZZY = "exact", "folded", "normalised", "fuzzy"
EMPTY = "mention empty"
ABSENT = "mention not in the text"
WITHIN_WORD = "mention within a word only"

_LONGEST = (
    500  # characters of a mention that is searched for with edits: a longer passage is quoted right, or not at all
)
_MOST_STARTS = 1000  # places that are compared with a mention: a text with more of them repeats itself


class Places:
    """Finds mentions in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = Words.of(text).offsets
        self._starts = {start for start, _ in self._words}
        self._ends = {end for _, end in self._words}

    def find(self, mention: str, max_edits: float) -> tuple[str, list[Fragment]]:
        """Where a mention stands.

        Args:
            mention: its words; blanks around them do not count.
            max_edits: most edits (characters inserted, deleted or replaced in the normalised form), as a share of the
                length of the mention. Digits are never edited: `interleukin-6` is not `interleukin-2`.

        Returns:
            how it was found, and all its places in order, which may overlap; or why it was not found, and no place.
        """
        mention = mention.strip()
        if not mention:
            return EMPTY, []
        within = False
        for how, extents in self._strictly(mention):
            found = [extent for extent in extents if extent and self._at_words(extent)]
            if found:
                return how, found
            within = within or bool(extents)
        normal = normalised(mention).text
        near = self._fuzzy(normal, int(max_edits * len(normal)))
        return (FUZZY, near) if near else (WITHIN_WORD if within else ABSENT, [])

    def _strictly(self, mention: str) -> Iterator[tuple[str, list[Fragment | None]]]:
        """The places without an edit, way by way; `None` for one within a character. A form is made when needed."""
        yield EXACT, list(_occurrences(self._text, mention))
        yield FOLDED, _in_form(self._folded, mention.casefold())
        yield NORMALISED, _in_form(self._normalised, normalised(mention).text)

    @cached_property
    def _folded(self) -> Form:
        return folded(self._text)

    @cached_property
    def _normalised(self) -> Form:
        return normalised(self._text)

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int], list[Fragment]]:
        """Where the words begin and end in the normalised form, and in the text; words without a trace left out."""
        origins = self._normalised.origins
        bounds = [(bisect_left(origins, start), bisect_left(origins, end), (start, end)) for start, end in self._words]
        kept = [bound for bound in bounds if bound[0] < bound[1]]
        return [start for start, _, _ in kept], [end for _, end, _ in kept], [word for _, _, word in kept]

    def _at_words(self, extent: Fragment) -> bool:
        return extent[0] in self._starts and extent[1] in self._ends

    def _fuzzy(self, mention: str, most: int) -> list[Fragment]:
        """The places with the fewest edits, apart from each other; the likest ends decide between neighbours."""
        if not most or len(mention) > _LONGEST:
            return []
        starts, ends, words = self._bounds
        text, digits = self._normalised.text, _digits(mention)
        found = []
        for first in sorted(self._near(mention, most)):
            shortest = bisect_left(ends, starts[first] + len(mention) - most)
            longest = bisect_right(ends, starts[first] + len(mention) + most)
            for last in range(max(first, shortest), longest):
                window = text[starts[first] : ends[last]]
                edits = Levenshtein.distance(mention, window, score_cutoff=most)
                if edits <= most and _digits(window) == digits:
                    other_ends = (window[0] != mention[0]) + (window[-1] != mention[-1])
                    unlike = other_ends, abs(len(window) - len(mention))
                    found.append((edits, unlike, (words[first][0], words[last][1])))
        fewest = min((edits for edits, _, _ in found), default=0)
        return apart(extent for _, extent in sorted(place[1:] for place in found if place[0] == fewest))

    def _near(self, mention: str, most: int) -> set[int]:
        """Numbers of the words at which a place with at most so many edits may begin.

        Of `most + 1` pieces of the mention one is untouched by the edits, and at most `most` characters away from
        where it would be without them (Baeza-Yates and Perleberg 1992).
        """
        starts, _, _ = self._bounds
        numbers: set[int] = set()
        for number in range(most + 1):
            begin, end = (len(mention) * edge // (most + 1) for edge in (number, number + 1))
            for place, _ in _occurrences(self._normalised.text, mention[begin:end]):
                expected = place - begin
                numbers.update(range(bisect_left(starts, expected - most), bisect_right(starts, expected + most)))
                if len(numbers) >= _MOST_STARTS:
                    return numbers
        return numbers


def apart(extents: Iterable[Fragment]) -> list[Fragment]:
    """The extents that overlap none of those before them, in the order of the text."""
    kept: list[Fragment] = []
    for start, end in extents:
        place = bisect_left(kept, (start, end))
        after_left = place == 0 or kept[place - 1][1] <= start
        if after_left and (place == len(kept) or end <= kept[place][0]):
            kept.insert(place, (start, end))
    return kept


def _in_form(form: Form, part: str) -> list[Fragment | None]:
    return [form.extent(start, end) for start, end in _occurrences(form.text, part)] if part else []


def _occurrences(text: str, part: str) -> Iterator[Fragment]:
    """Every place of a part, also where two overlap."""
    start = text.find(part)
    while start >= 0:
        yield start, start + len(part)
        start = text.find(part, start + 1)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
