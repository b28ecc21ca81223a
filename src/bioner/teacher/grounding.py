"""Grounding: what a teacher says is brought back to the text, and what is not there is told by its reason.

How a mention is found is said by `bioner.teacher.grounding_search`; which of its places is meant, by a setting:

- `all`: every place, but for those that overlap the one before; names mean the same wherever they stand;
- `first`: the first place;
- `order`: mentions are read in the order of the answer, each at or behind the beginning of the one before it; the
  same words again are their next place; a mention that is only before is taken there, and the reading goes on behind;
- `context`: the place whose neighbourhood is most like the words that the teacher quotes from before and behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, NamedTuple, get_args

from bioner.documents import Fragment
from bioner.errors import ConfigError
from bioner.teacher.grounding_forms import normalised
from bioner.teacher.grounding_search import Places, apart

Occurrence = Literal["all", "first", "order", "context"]

USED_UP = "mention said more often than it is in the text"
NO_CONTEXT = "context of the mention not in the text"


@dataclass(frozen=True, slots=True)
class Grounding:
    """How mentions are brought back to their text.

    Attributes:
        occurrence: which place of a mention is meant.
        max_edits: most edits of a mention that is not in the text as it is said, as a share of its length; 0 allows
            none.
    """

    occurrence: Occurrence = "all"
    max_edits: float = 0.15

    def __post_init__(self) -> None:
        if self.occurrence not in get_args(Occurrence):
            mend = f"one of {', '.join(get_args(Occurrence))}"
            raise ConfigError(f"unknown choice of occurrences {self.occurrence!r}", mend=mend)
        if not 0.0 <= self.max_edits <= 0.5:
            raise ConfigError(f"a share of {self.max_edits} edits", mend="give a share from 0 to 0.5")


class Quote(NamedTuple):
    """A mention in the words of the teacher, and what it quotes from before and behind it."""

    text: str
    before: str = ""
    after: str = ""


class Grounded(NamedTuple):
    """Where a mention is, and how it was found; without a place, why it was not."""

    extents: tuple[Fragment, ...]
    how: str


def ground(text: str, quotes: Sequence[Quote], settings: Grounding) -> list[Grounded]:
    """Find what a teacher says.

    Args:
        text: the text that was annotated.
        quotes: what is said to be in it, in the order of the answer.
        settings: which places count.

    Returns:
        One result for each quote; the extents are code points of the text and lie at word boundaries.
    """
    places = Places(text)
    found = {words: places.find(words, settings.max_edits) for words in {quote.text for quote in quotes}}
    match settings.occurrence:
        case "all":
            chosen = {words: (how, tuple(apart(extents))) for words, (how, extents) in found.items()}
            return [Grounded(chosen[quote.text][1], chosen[quote.text][0]) for quote in quotes]
        case "first":
            return [Grounded(tuple(found[quote.text][1][:1]), found[quote.text][0]) for quote in quotes]
        case "order":
            return list(_in_order([quote.text for quote in quotes], found))
        case "context":
            return [_by_context(text, quote, *found[quote.text]) for quote in quotes]


def _in_order(said: Sequence[str], found: Mapping[str, tuple[str, list[Fragment]]]) -> Iterator[Grounded]:
    read = 0
    left = {words: list(extents) for words, (_, extents) in found.items()}
    for words in said:
        how, extents = found[words]
        if not left[words]:
            yield Grounded((), USED_UP if extents else how)
            continue
        extent = next((extent for extent in left[words] if extent[0] >= read), left[words][0])
        left[words].remove(extent)
        read = max(read, extent[0])
        yield Grounded((extent,), how)


def _by_context(text: str, quote: Quote, how: str, extents: Sequence[Fragment]) -> Grounded:
    if len(extents) < 2:
        return Grounded(tuple(extents), how)
    before, after = _bare(quote.before)[::-1], _bare(quote.after)
    reach_before, reach_after = 2 * len(quote.before) + 2, 2 * len(quote.after) + 2
    likeness = [
        _shared(before, _bare(text[max(0, start - reach_before) : start])[::-1])
        + _shared(after, _bare(text[end : end + reach_after]))
        for start, end in extents
    ]
    best = max(likeness)
    return Grounded((extents[likeness.index(best)],), how) if best else Grounded((), NO_CONTEXT)


def _bare(text: str) -> str:
    return normalised(text).text.replace(" ", "")


def _shared(quoted: str, there: str) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(quoted, there, strict=False)))
