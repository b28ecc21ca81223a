"""What is read ahead of a tagged line: the words of its source, and the boundaries at which the model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from bioner.tagger.cursor import Cursor
from bioner.tagger.pacing import Place
from bioner.tagger.pieces import Tokens


class Source:
    """The words of a window as one run of tokens.

    Attributes:
        tokens: of all words.
        starts: where each word begins in them, and the end.
    """

    def __init__(self, words: Sequence[Tokens]) -> None:
        self.tokens: Tokens = tuple(token for word in words for token in word)
        self.starts = tuple(accumulate(map(len, words), initial=0))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def between(self, first: int, end: int) -> Tokens:
        """The tokens of the words from `first` to before `end`."""
        return self.tokens[self.starts[first] : self.starts[end]]

    def next_token(self, word: int) -> int:
        """The first token of a word; any, if that is past the last."""
        return self.tokens[self.starts[min(word, len(self) - 1)]]


@dataclass(frozen=True, slots=True)
class Point:
    """A boundary at which a draft is put to the model.

    Attributes:
        read: how many tokens of the draft come before it, less one.
        cursor: where the line stands there.
        place: what kind of boundary it is.
    """

    read: int
    cursor: Cursor
    place: Place


@dataclass(frozen=True, slots=True)
class Draft:
    """The tokens that a line reads in a pass, and the boundaries among them, in order."""

    tokens: Tokens
    points: tuple[Point, ...]
