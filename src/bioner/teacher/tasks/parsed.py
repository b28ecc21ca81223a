"""Parsed: what an answer says of a text, brought back to it, with all that could not be taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from bioner.documents import Document, Fragment, Span
from bioner.teacher.tasks.problems import PARTIAL, UNREADABLE, Problem


class Mention(NamedTuple):
    """A piece of the text that the teacher names.

    Attributes:
        text: in the words of the teacher.
        label: the key of its type, its type in words, the prompt that it answers, or nothing for the end of a relation.
        extents: where it is in the text; empty if it could not be grounded.
        how: how it was found (see `bioner.teacher.grounding_search`), or why it was not.
    """

    text: str
    label: str
    extents: tuple[Fragment, ...]
    how: str

    def surface(self, text: str) -> str:
        """The mention as the text has it, for one that was grounded."""
        start, end = self.extents[0]
        return text[start:end]


class Relation(NamedTuple):
    """That one mention has a relation to another; head and tail are positions in `Parsed.mentions`."""

    head: int
    relation: str
    tail: int


class Tally(NamedTuple):
    """How an answer compares with gold: facts in common, facts of the answer, facts of gold."""

    common: int
    said: int
    gold: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """An answer.

    Attributes:
        mentions: in the order of the answer, those included that are not in the text.
        relations: between mentions that are in the text.
        prompt: the question, description or request that the teacher thought of, where the task has one.
        problems: what was not taken, or taken with a doubt.
    """

    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    prompt: str = ""
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, document: Document) -> Parsed:
        """The annotations of a document as a perfect answer; those of several fragments are left out."""
        spans = sorted((span for span in document.spans if span.contiguous), key=lambda span: (span.start, -span.end))
        return cls(tuple(Mention(s.mention(document.text), s.label, s.fragments, "gold") for s in spans))

    @property
    def counts(self) -> Counter[str]:
        """How often each reason occurred, mentions that are not in the text included."""
        lost = [mention.how for mention in self.mentions if not mention.extents]
        return Counter([*(problem.reason for problem in self.problems), *lost])

    @property
    def readable(self) -> bool:
        """Whether the answer could be read at all, in part at least."""
        return UNREADABLE.isdisjoint(self.counts)

    @property
    def whole(self) -> bool:
        """Whether all that the answer says was taken: only then the absence of a type means anything."""
        return (UNREADABLE | PARTIAL).isdisjoint(self.counts)

    def spans(self) -> tuple[Span, ...]:
        """The grounded mentions with a label as annotations, each once, in the order of the text."""
        return tuple(Span.of(start, end, label) for (start, end), label in sorted(self._labelled()))

    def facts(self) -> frozenset[Hashable]:
        """What the answer says, whatever its words and order: extents with labels, and relations between extents."""
        facts: set[Hashable] = set(self._labelled())
        for head, relation, tail in self.relations:
            facts.add((self.mentions[head].extents, relation.casefold(), self.mentions[tail].extents))
        return frozenset(facts)

    def tally(self, gold: Parsed) -> Tally:
        """Compare with gold, by exact extents; a score of many answers is made of the sums of these."""
        said, true = self.facts(), gold.facts()
        return Tally(len(said & true), len(said), len(true))

    def _labelled(self) -> set[tuple[Fragment, str]]:
        return {(extent, mention.label) for mention in self.mentions if mention.label for extent in mention.extents}
