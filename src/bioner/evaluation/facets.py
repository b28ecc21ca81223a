"""Facets: further ways to group mentions, by how long they are and by whether training has shown them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from bioner.documents import Document
from bioner.evaluation.mentions import Mention
from bioner.words import Words

Shown = tuple[str, str]  # type and words of a mention, without case, its blanks made one

_LONGEST = {1: "1", 2: "2", 3: "3-5", 4: "3-5", 5: "3-5"}
SEEN, UNSEEN = "seen", "unseen"


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to group mentions, beside type, language and shape.

    Attributes:
        name: what the groups are.
        groups: all of them, in the order to show.
        group: the text of a document and a mention of it -> the mention's group.
    """

    name: str
    groups: tuple[str, ...]
    group: Callable[[str, Mention], str]


def _length(text: str, mention: Mention) -> str:
    return _LONGEST.get(len(Words.of(mention.span.mention(text))), "6+")


LENGTHS = Facet("lengths", ("1", "2", "3-5", "6+"), _length)
"""Words of the mention; of Chinese, characters."""


def familiarity(shown: Collection[Shown]) -> Facet:
    """Whether training has shown the words of a mention under its type; case and blanks do not matter.

    Source: the split of the test mentions into those that were memorised and those that were not, after Augenstein et
    al., Generalisation in named entity recognition, Computer Speech and Language 44, 2017.

    Args:
        shown: what training has shown (see `shown_in`).
    """

    def group(text: str, mention: Mention) -> str:
        return SEEN if (mention.label, _folded(mention.span.mention(text))) in shown else UNSEEN

    return Facet("familiarity", (SEEN, UNSEEN), group)


def shown_in(documents: Iterable[Document]) -> Iterator[Shown]:
    """The type and words of every mention of some documents."""
    for document in documents:
        for span in document.spans:
            yield span.label, _folded(span.mention(document.text))


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())
