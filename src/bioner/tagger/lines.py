"""A tagged line while it is written: what it reads ahead, and which lines go on once the model has chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.drafts import Draft, Point, Source
from bioner.tagger.pacing import Place
from bioner.tagger.packed import Slots
from bioner.tagger.pieces import Tokens
from bioner.tagger.sampling import Chances
from bioner.tagger.symbols import CLOSE, END, OPEN


@dataclass(frozen=True, slots=True)
class Tagged:
    """A finished line.

    Attributes:
        items: see `bioner.tagger.symbols`.
        probabilities: of each item among those allowed; 1 where there was no choice, and for words.
        copies: how many of the samples are this line; 1 if the line is the one of greedy decoding.
    """

    items: tuple[int, ...]
    probabilities: tuple[float, ...]
    copies: int = 1


_PLACES = {OPEN: Place.OPENED, CLOSE: Place.CLOSED}
_WORD = CHOICES.index(0)


@dataclass(slots=True, eq=False)
class Line:
    """A line, or several samples of one as long as they agree.

    Attributes:
        source: the text that is copied.
        symbols: the token of each symbol.
        cursor: where it stands.
        slots: the tokens of its sequence that are accepted and in memory.
        pending: tokens that are accepted and not in memory yet: the header, or a symbol.
        place: the kind of the boundary after them.
        copies: the numbers of the samples.
        chances: what decides their choices; `None` if the most probable is chosen.
    """

    source: Source
    symbols: dict[int, int]
    cursor: Cursor
    slots: Slots
    pending: Tokens
    copies: tuple[int, ...] = (0,)
    chances: Chances | None = None
    place: Place = Place.BEGUN
    items: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to write."""
        return bool(self.items) and self.items[-1] == END

    def tagged(self) -> Tagged:
        """The finished line."""
        return Tagged(tuple(self.items), tuple(self.probabilities), len(self.copies))

    def draft(self, words: int) -> Draft:
        """What is pending, and the next words: at most so many, and one if nothing is pending, which is certain."""
        points, cursor, first = [], self.cursor, self.cursor.word
        if self.pending:
            points.append(Point(len(self.pending) - 1, cursor, self.place))
        end = min(cursor.length, first + max(words, 0 if self.pending else 1))
        place = Place.INSIDE if cursor.opened else Place.OUTSIDE
        for word in range(first, end):
            cursor = cursor.after(word)
            read = len(self.pending) + self.source.starts[word + 1] - self.source.starts[first] - 1
            points.append(Point(read, cursor, place))
        return Draft(self.pending + self.source.between(first, end), tuple(points))

    def noise(self, points: Sequence[Point]) -> np.ndarray | None:
        """What is added to the log-probabilities at the points, for each sample: (points, copies, choices)."""
        if self.chances is None:
            return None
        written = len(self.items) - self.cursor.word
        return np.stack([self.chances.at(written + point.cursor.word, self.copies) for point in points])

    def accept(
        self, draft: Draft, row: Slots, chosen: Sequence[Sequence[int]], scores: Sequence[Sequence[float]]
    ) -> list[Line]:
        """The lines that go on from this one; samples that choose alike stay together.

        Args:
            draft: what was read, at least one boundary.
            row: the slots of its tokens.
            chosen: at each boundary, the choice of each sample, as an index of `CHOICES`.
            scores: at each boundary, the probability of each choice.
        """
        lines, following = [], self.copies
        for point, choices, probabilities in zip(draft.points, chosen, scores, strict=True):
            self._copy_to(point.cursor)
            choice = dict(zip(self.copies, choices, strict=True))
            for which in sorted({choice[copy] for copy in following} - {_WORD}):
                own = tuple(copy for copy in following if choice[copy] == which)
                lines.append(self._with(CHOICES[which], probabilities[which], own, row[: point.read + 1]))
            following = tuple(copy for copy in following if choice[copy] == _WORD)
            if not following:
                return lines
        self.slots, self.pending, self.copies = self.slots + row, (), following
        return [*lines, self]

    def _copy_to(self, cursor: Cursor) -> None:
        """Accept the words up to a place."""
        words = range(self.cursor.word, cursor.word)
        self.items.extend(words)
        self.probabilities.extend([1.0] * len(words))
        self.cursor = cursor

    def _with(self, symbol: int, probability: float, copies: tuple[int, ...], row: Slots) -> Line:
        """This line and a symbol, as some of the samples go on; what can only follow needs no model."""
        items, probabilities, cursor = [*self.items, symbol], [*self.probabilities, probability], self.cursor
        while items[-1] != END:
            cursor = cursor.after(items[-1])
            if cursor.word < cursor.length:
                break
            items.append(CHOICES[cursor.allowed().index(True)])
            probabilities.append(1.0)
        return replace(
            self,
            cursor=cursor,
            slots=self.slots + row,
            pending=(self.symbols[symbol],),
            copies=copies,
            place=_PLACES.get(symbol, self.place),
            items=items,
            probabilities=probabilities,
        )
