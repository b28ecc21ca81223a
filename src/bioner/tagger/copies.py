"""A copy of a text with mistakes in it: which of its words are which of the text's, and where mentions in it belong."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from bioner.documents import Fragment
from bioner.tagger.word_alignment import align
from bioner.words import Words, WordSpan

Mode = Literal["strict", "contract", "expand"]
"""What becomes of a mention that the alignment does not hold (`Copy.place`)."""

CHANGED = "words changed"  # others stand in the place of these
DROPPED = "words dropped"
ADDED = "words added"
WRITTEN = "words written otherwise"  # in other case, width, quotes or dashes
BLANKS = "other blanks"  # once a copy of which nothing else is wrong
WORDLESS = "mentions without words"
REFUSED = "mentions of other words"  # in the strict mode
NOWHERE = "mentions of no word of the text"
CONTRACTED = "mentions contracted"
EXPANDED = "mentions expanded"
INSIDE = "mentions with other words inside"

# What systems and people replace: quotes by typographic ones, dashes by hyphens.
_TYPOGRAPHY = str.maketrans("“”„«»‘’‚′`‐‑‒–—−", "\"\"\"\"\"'''''------")
_MOVED = {"contract": CONTRACTED, "expand": EXPANDED}


class Copy:
    """A text and a copy of it, neither with symbols, aligned word by word."""

    def __init__(self, copy: str, text: str) -> None:
        """Align a copy; `bioner.tagger.word_alignment` bounds the time."""
        self._blanks_only = copy != text
        self._text, self._copy = Words.of(text).offsets, Words.of(copy).offsets
        self._ends_at = len(text)
        words, copied = [text[a:b] for a, b in self._text], [copy[a:b] for a, b in self._copy]
        same = words == copied
        aligned: Sequence[int | None] = range(len(words)) if same else align(_folded(words), _folded(copied))
        self._word = [-1 if word is None else word for word in aligned]  # the text's word that each is; -1 if none
        self._joined = [i for i, word in enumerate(self._word) if word >= 0]
        self._equal = [word >= 0 and words[word] == copied[i] for i, word in enumerate(self._word)]
        self._run = self._runs()

    def _runs(self) -> list[int]:
        """For each word of the copy the first from which on the text has the very same words up to it; or the next."""
        runs: list[int] = []
        for i, equal in enumerate(self._equal):
            goes_on = equal and i > 0 and self._equal[i - 1] and self._word[i] == self._word[i - 1] + 1
            runs.append(runs[-1] if goes_on else i + (not equal))
        return runs

    def _of(self, number: int) -> int:
        """The text's word that an aligned word of the copy is; -1 before the copy, and one too many behind it."""
        if 0 <= number < len(self._word):
            return self._word[number]
        return -1 if number < 0 else len(self._text)

    def mismatches(self) -> Counter[str]:
        """How the words of the copy differ from those of the text."""
        found = Counter({WRITTEN: len(self._joined) - sum(self._equal)})
        for i, j in pairwise((-1, *self._joined, len(self._copy))):
            added, dropped = j - i - 1, self._of(j) - self._of(i) - 1
            changed = min(added, dropped)
            found.update({CHANGED: changed, ADDED: added - changed, DROPPED: dropped - changed})
        found = +found
        return found if found or not self._blanks_only else Counter({BLANKS: 1})

    def place(self, start: int, end: int, mode: Mode) -> tuple[Fragment | None, str]:
        """Where a mention of the copy belongs in the text, and what is wrong with it, if anything.

        A mention whose words are the very words of the text, one after another, is where they are. What of another:
        `strict` has none; `contract` has it from its first aligned word to its last; in `expand` an edge that is not
        at an aligned word moves outwards, up to the next aligned word but not over it, and so takes in what the text
        has in the place of the mention's own words. Grown mentions may cross.
        """
        first, last = bisect_right(self._copy, start, key=_end), bisect_left(self._copy, end, key=_start) - 1
        if first > last:
            return None, WORDLESS
        if self._run[last] <= first:
            inside = max(0, start - self._copy[first][0]), max(0, self._copy[last][1] - end)
            return (self._text[self._of(first)][0] + inside[0], self._text[self._of(last)][1] - inside[1]), ""
        if mode == "strict":
            return None, REFUSED
        begin, stop = bisect_left(self._joined, first), bisect_right(self._joined, last) - 1
        firm = self._is_known(first), self._is_known(last)
        if mode == "contract":
            low, high = (self._of(self._joined[begin]), self._of(self._joined[stop])) if begin <= stop else (0, -1)
        else:
            low = self._of(first) if firm[0] else self._of(self._joined[begin - 1] if begin else -1) + 1
            behind = self._joined[stop + 1] if stop + 1 < len(self._joined) else len(self._copy)
            high = self._of(last) if firm[1] else self._of(behind) - 1
        if low > high:
            return None, NOWHERE
        return (self._text[low][0], self._text[high][1]), INSIDE if all(firm) else _MOVED[mode]

    def of_text(self, at: int) -> int:
        """The name of a place of the text: the same for all places between two of its words."""
        word = bisect_right(self._text, at, key=_end)
        return at if word < len(self._text) and self._text[word][0] < at else self._begin(word)

    def of_copy(self, at: int, *, opens: bool) -> int:
        """The name of the place of the text that a place of the copy is; -1 if it is none.

        Args:
            opens: whether it belongs to the word behind it, if that is aligned, or to the one before it.
        """
        word = bisect_right(self._copy, at, key=_end)
        if word < len(self._copy) and self._copy[word][0] < at:
            return self._text[self._of(word)][0] + at - self._copy[word][0] if self._equal[word] else -1
        places = [self._of(number) + shift for number, shift in ((word, 0), (word - 1, 1)) if self._is_known(number)]
        return self._begin(places[0 if opens else -1]) if places else -1

    def _is_known(self, number: int) -> bool:
        return not 0 <= number < len(self._word) or self._word[number] >= 0

    def _begin(self, word: int) -> int:
        return self._text[word][0] if word < len(self._text) else self._ends_at


def _folded(words: Iterable[str]) -> list[str]:
    return [unicodedata.normalize("NFKC", word).casefold().translate(_TYPOGRAPHY) for word in words]


def _start(word: WordSpan) -> int:
    return word[0]


def _end(word: WordSpan) -> int:
    return word[1]
