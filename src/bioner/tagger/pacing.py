"""How far a line reads ahead: as far as pays, by how often the model has agreed so far; it changes no result.

A pass costs as much as some tokens whatever it reads, and a token that is read and not accepted is lost. So a draft of
n words is worth the words of it that can be expected to be accepted, by what it costs; the best n is the one at which
that ratio is largest (cf. speculative decoding: Leviathan et al. 2023, arXiv 2211.17192, section 3.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

LONGEST = 48  # words of a draft


class Place(IntEnum):
    """Kinds of boundaries, which differ in how often a symbol stands there."""

    BEGUN = 0  # right after the header
    OPENED = 1
    CLOSED = 2
    INSIDE = 3  # after a word within a mention
    OUTSIDE = 4


_BEFORE = ((1.0, 2.0), (0.2, 2.0), (1.0, 2.0), (1.0, 3.0), (0.3, 3.0))  # symbols, boundaries: believed at the start


class Pace:
    """Learns from the choices at boundaries, and says how many words a line should read.

    Args:
        overhead: how many tokens a pass costs before it reads any.
        fixed: so many words always, if given.
    """

    def __init__(self, overhead: float, fixed: int | None = None) -> None:
        self._overhead = overhead
        self._fixed = fixed
        self._symbols = [symbols for symbols, _ in _BEFORE]
        self._boundaries = [boundaries for _, boundaries in _BEFORE]

    def learn(self, places: Iterable[Place], stopped: bool) -> None:
        """Take note of the boundaries of one draft up to the one at which it ended, and whether a symbol ended it."""
        place = None
        for place in places:
            self._boundaries[place] += 1.0
        if stopped and place is not None:
            self._symbols[place] += 1.0

    def words(self, pending: Place | None, inside: bool, lines: int, tokens: float) -> int:
        """How many words to read.

        Args:
            pending: the kind of the boundary before the first word; `None` if that word is certain.
            inside: whether the words lie within a mention.
            lines: how many lines share the cost of the pass.
            tokens: of a word, on average.
        """
        if self._fixed is not None:
            return self._fixed
        agreed = 1.0 - self._rate(Place.INSIDE if inside else Place.OUTSIDE)
        reached = 1.0 if pending is None else 1.0 - self._rate(pending)
        gain, cost, words = (0.0, 0.0, 0) if pending is None else (1.0, 1.0, 0)
        cost += self._overhead / lines
        while words < LONGEST and (gain + reached) * cost > gain * (cost + tokens):
            gain, cost, words = gain + reached, cost + tokens, words + 1
            reached *= agreed
        return words

    def _rate(self, place: Place) -> float:
        return self._symbols[place] / self._boundaries[place]
