"""Training examples: annotated windows, and the lines with the decisions that a model should have taken in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bioner.documents import Document
from bioner.tagger.cursor import CHOICES, Allowed, Cursor
from bioner.tagger.pieces import Pieces, Tokens
from bioner.tagger.symbols import END, Extent, encode, extents_of
from bioner.windows import Limits, cut, sentence_starts
from bioner.words import Words

_TOKENS_PER_WORD = 8  # a window whose words are longer on average is cut earlier
_WIDEST = 4  # an entity of up to this part of a window is read whole


def limits_of(max_words: int) -> Limits:
    """What fits into one window."""
    return Limits(max_words, max_words * _TOKENS_PER_WORD, max(1, max_words // _WIDEST))


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
        word: first token of the next word (any, if none is left).
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
        header: how many of them are the header.
        decisions: the choices taken on the way, in order.
    """

    tokens: Tokens
    header: int
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
            following = words[min(cursor.word, len(words) - 1)][0]
            decisions.append(Decision(len(tokens) - 1, following, allowed, CHOICES.index(min(item, 0))))
        if item != END:
            tokens.extend(words[item] if item >= 0 else (symbols[item],))
            cursor = cursor.after(item)
    return Line(tuple(tokens), len(header), tuple(decisions))


@dataclass(frozen=True, slots=True)
class Examples:
    """What can be learnt from some documents.

    Attributes:
        windows: their windows, in order.
        lost: how many mentions no line can hold, by reason.
    """

    windows: tuple[Example, ...]
    lost: Mapping[str, int]

    @property
    def spans(self) -> int:
        """Number of mentions in the windows."""
        return sum(len(extents) for window in self.windows for extents in window.mentions.values())


def make_examples(documents: Iterable[Document], keys: Sequence[str], pieces: Pieces, limits: Limits) -> Examples:
    """The windows of annotated documents."""
    examples: list[Example] = []
    lost: Counter[str] = Counter()
    for document in documents:
        words = Words.of(document.text)
        mentions = {}
        for key in keys:
            mentions[key], unfit = extents_of(document.spans, key, words)
            lost += unfit
        every = [extent for extents in mentions.values() for extent in extents]
        tokens = pieces.of_words(document.text, words)
        bounds = cut([len(word) for word in tokens], sentence_starts(document.text, words), every, limits)
        windows = [_window(document.language, tokens, mentions, start, end) for start, end in bounds]
        held = sum(len(extents) for window in windows for extents in window.mentions.values())
        lost["longer than a window"] += len(every) - held
        examples += windows
    return Examples(tuple(examples), dict(sorted((+lost).items())))


def _window(
    language: str, tokens: Sequence[Tokens], mentions: Mapping[str, Sequence[Extent]], start: int, end: int
) -> Example:
    inside = {
        key: tuple((first - start, last - start) for first, last in extents if start <= first and last < end)
        for key, extents in mentions.items()
    }
    return Example(language, tuple(tokens[start:end]), inside)
