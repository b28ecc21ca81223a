"""Training examples: annotated windows, and the lines with the decisions that a model should have taken in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioner.documents import Document
from bioner.tagger.cursor import CHOICES, Allowed, Cursor
from bioner.tagger.pieces import Pieces, Tokens
from bioner.tagger.symbols import END, Extent, encode, extents_of
from bioner.words import Words


@dataclass(frozen=True, slots=True)
class Example:
    """One window of a document.

    Attributes:
        language: of the prompt and the names of the types.
        words: the tokens of each word.
        mentions: type -> extents, for every type.
    """

    language: str
    words: tuple[Tokens, ...]
    mentions: Mapping[str, tuple[Extent, ...]]

    @property
    def source(self) -> Tokens:
        """All tokens of the window."""
        return tuple(token for word in self.words for token in word)


@dataclass(frozen=True, slots=True)
class Decision:
    """One free choice in a line.

    Attributes:
        after: index in the line of the token that it is taken after.
        word: first token of the next word, if one is left.
        allowed: which of `CHOICES` there were.
        chosen: the right one, as an index of `CHOICES`.
    """

    after: int
    word: int
    allowed: Allowed
    chosen: int


@dataclass(frozen=True, slots=True)
class Line:
    """The right answer about one type.

    Attributes:
        tokens: the header and all items but the `END`.
        decisions: the choices taken on the way, in order.
    """

    tokens: Tokens
    decisions: tuple[Decision, ...]


def make_line(header: Tokens, words: Sequence[Tokens], extents: Sequence[Extent], symbols: Mapping[int, int]) -> Line:
    """The line of a type's mentions.

    Args:
        header: what begins the line.
        words: tokens of each word of the source.
        extents: the mentions, nested at most.
        symbols: the token of each symbol.
    """
    tokens, decisions = list(header), []
    cursor = Cursor(len(words))
    for item in encode(extents):
        allowed = cursor.allowed()
        if sum(allowed) > 1:
            following = words[cursor.word][0] if cursor.word < len(words) else 0
            decisions.append(Decision(len(tokens) - 1, following, allowed, CHOICES.index(min(item, 0))))
        if item != END:
            tokens.extend(words[item] if item >= 0 else (symbols[item],))
            cursor = cursor.after(item)
    return Line(tuple(tokens), tuple(decisions))
