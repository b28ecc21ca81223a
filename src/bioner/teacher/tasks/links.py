"""Links: relations between mentions, from an answer to the labels `head > relation` that a GLiNER learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from bioner.documents import Document, Span
from bioner.teacher.tasks.fields import Item
from bioner.teacher.tasks.parsed import Mention, Parsed, Relation
from bioner.teacher.tasks.problems import (
    REPEATED,
    REPEATED_ID,
    SELF,
    SHARED_ID,
    UNGROUNDED_END,
    UNKNOWN_ID,
    Problem,
)
from bioner.teacher.tasks.training import Label, anchors, drawn, example

NAME = "relations"


def by_id(
    asked: Iterable[Item], ids: Sequence[tuple[int, int]], mentions: Sequence[Mention], problems: list[Problem]
) -> list[Relation]:
    """The relations of an answer whose ends are known.

    Args:
        asked: the items of the answer, with the ids of head and tail.
        ids: id of an item of the answer, and the number of its mention; two different mentions may share one.
        mentions: the grounded mentions.
        problems: is added to.
    """
    meant: dict[int, set[int]] = {}
    for identity, number in ids:
        meant.setdefault(identity, set()).add(number)
    if len(meant) < len(ids):
        repeated = Counter(identity for identity, _ in ids)
        problems += [Problem.of(REPEATED_ID, identity) for identity, times in repeated.items() if times > 1]
    resolved: list[tuple[Item, int, int]] = []
    for item in asked:
        heads, tails = (sorted(meant.get(item[end], ())) for end in ("head", "tail"))
        if len(heads) == len(tails) == 1:
            resolved.append((item, heads[0], tails[0]))
        else:
            problems.append(Problem.of(SHARED_ID if heads and tails else UNKNOWN_ID, item))
    return list(linked(resolved, mentions, problems))


def linked(
    resolved: Iterable[tuple[Item, int, int]], mentions: Sequence[Mention], problems: list[Problem]
) -> Iterator[Relation]:
    """The relations between two mentions that are in the text, each once; items come with their head and tail."""
    seen: set[Relation] = set()
    for item, head, tail in resolved:
        relation = Relation(head, " ".join(item["relation"].split()), tail)
        if head == tail:
            problems.append(Problem.of(SELF, item))
        elif not (mentions[head].extents and mentions[tail].extents):
            problems.append(Problem.of(UNGROUNDED_END, item))
        elif relation in seen:
            problems.append(Problem.of(REPEATED, item))
        else:
            seen.add(relation)
            yield relation


def relation_labels(parsed: Parsed, document: Document) -> list[Label]:
    """The relations of an answer as labels."""
    words = dict.fromkeys(_words(parsed, document, head, relation) for head, relation, _ in parsed.relations)
    return [Label(label, anchors(label, document) | {label}) for label in words]


def relation_example(parsed: Parsed, document: Document, rng: Random) -> list[Document]:
    """The tails as spans with the label `head > relation`; no example without a relation.

    Negatives are the relations of the answer with another head that is not said to have them, if the answer is whole.
    """
    if not parsed.relations:
        return []
    spans: dict[Span, None] = {}
    for head, relation, tail in parsed.relations:
        label = _words(parsed, document, head, relation)
        spans |= {Span.of(start, end, label): None for start, end in parsed.mentions[tail].extents}
    heads = [number for number, mention in enumerate(parsed.mentions) if mention.extents] if parsed.whole else []
    names = {relation for _, relation, _ in parsed.relations}
    others = (_words(parsed, document, head, name) for head in heads for name in names)
    negatives = drawn(others, {span.label for span in spans}, rng)
    ordered = sorted(spans, key=lambda span: (span.fragments, span.label))
    return [example(document, NAME, ordered, negatives)]


def _words(parsed: Parsed, document: Document, head: int, relation: str) -> str:
    return f"{parsed.mentions[head].surface(document.text)} > {relation}"
