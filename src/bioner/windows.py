"""Windows: texts of any length cut to what a model reads at once, and the spans of the windows merged back exactly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bioner.words import Words, WordSpan

_FULL_STOPS = frozenset(".!?;")
_WIDE_STOPS = frozenset("。！？；")
_CONTEXT = 8  # a window that begins within a sentence reads this part of its words before its own


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits into one window.

    Attributes:
        words: most words of a window.
        tokens: most tokens of a window's text.
        width: most words of an entity.
    """

    words: int
    tokens: int
    width: int


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text, in word positions, ends exclusive.

    Attributes:
        start, end: the words that are read.
        own_start, own_end: the window answers for the spans that begin here; each word belongs to one window.
    """

    start: int
    end: int
    own_start: int
    own_end: int


def sentence_starts(text: str, words: Words) -> frozenset[int]:
    """Positions of the words that begin a sentence or line, the first word excepted."""
    starts = set()
    for position in range(1, len(words)):
        before, (begin, _) = words.offsets[position - 1], words.offsets[position]
        last, gap = text[before[0] : before[1]], text[before[1] : begin]
        if "\n" in gap or last in _WIDE_STOPS or (last in _FULL_STOPS and gap and not text[begin].islower()):
            starts.add(position)
    return frozenset(starts)


def cut(
    tokens: Sequence[int], sentences: Collection[int], spans: Collection[WordSpan], limits: Limits
) -> list[tuple[int, int]]:
    """Cut an annotated text into pieces for training: `(start, end)` word ranges that cover it once, in order.

    A piece ends after a sentence if it can, else between words, and within an entity only if the entities overlap
    over more than a whole window.

    Args:
        tokens: number of tokens of each word.
        sentences: positions of the words that begin sentences.
        spans: the entities, as first and last word.
    """
    inside = {position for first, last in spans for position in range(first + 1, last + 1)}
    pieces, start = [], 0
    while start < len(tokens):
        end = _reach(tokens, start, limits)
        if end < len(tokens):
            end = _best_cut(start, end, sentences, inside)
        pieces.append((start, end))
        start = end
    return pieces


def slide(tokens: Sequence[int], sentences: Collection[int], limits: Limits) -> list[Window]:
    """Cover an unannotated text with windows: every span of at most `limits.width` words is read whole by the one
    window that owns its first word (unless the words of a span have more tokens than a window holds).

    A window begins at a sentence, or reads some words of the sentence before its own part.
    """
    windows: list[Window] = []
    own = 0
    while own < len(tokens):
        start = own if own in sentences else max(0, own - limits.words // _CONTEXT)
        end = _reach(tokens, start, limits)
        if end < min(len(tokens), own + limits.width):  # the context before would cost the window its own spans
            start, end = own, _reach(tokens, own, limits)
        own_end = end
        if end < len(tokens):
            own_end = _best_cut(own, max(own + 1, end - limits.width + 1), sentences, ())
            end = min(end, own_end - 1 + limits.width)  # what lies beyond is read again by the next window
        windows.append(Window(start, end, own, own_end))
        own = own_end
    return windows


def _reach(tokens: Sequence[int], start: int, limits: Limits) -> int:
    """The end of the longest window that begins at `start`; at least one word."""
    end, total = start, 0
    while end < len(tokens) and end - start < limits.words and (end == start or total + tokens[end] <= limits.tokens):
        total += tokens[end]
        end += 1
    return end


def _best_cut(start: int, end: int, sentences: Collection[int], inside: Collection[int]) -> int:
    """Where to cut in `(start, end]`: the last sentence of the second half, else the last gap between entities."""
    allowed = [position for position in range(end, start, -1) if position not in inside]
    after = [position for position in allowed if position in sentences and 2 * (position - start) >= end - start]
    return next(iter(after or allowed), end)
