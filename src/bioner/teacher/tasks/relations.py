"""Relations between pieces of a text, named by their words: a post-training task of GLiNER-BioMed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from bioner.documents import Document
from bioner.teacher.grounding import Quote, ground
from bioner.teacher.tasks.answers import read_answer
from bioner.teacher.tasks.fields import items, schema_list, schema_object
from bioner.teacher.tasks.links import linked, relation_example, relation_labels
from bioner.teacher.tasks.parsed import Mention, Parsed
from bioner.teacher.tasks.task import Task
from bioner.teacher.tasks.training import Label

TRIPLE = {"head": str, "relation": str, "tail": str}


class RelationTask(Task):
    """Which relations a text states; their ends have no type."""

    def schema(self, language: str) -> dict[str, Any]:  # noqa: ARG002
        """A list of triples."""
        return schema_object({"relations": schema_list(TRIPLE)})

    def parse(self, answer: str, document: Document) -> Parsed:
        """Read the relations of an answer, and ground their ends."""
        value, problems = read_answer(answer, document.text)
        triples = list(items(value, "relations", TRIPLE, problems))
        ends = {end: None for item in triples for end in (item["head"], item["tail"])}
        grounded = ground(document.text, [Quote(end) for end in ends], self.grounding)
        mentions = [Mention(end, "", *place) for end, place in zip(ends, grounded, strict=True)]
        number = {end: place for place, end in enumerate(ends)}
        resolved = ((item, number[item["head"]], number[item["tail"]]) for item in triples)
        relations = tuple(linked(resolved, mentions, problems))
        return Parsed(tuple(mentions), relations, problems=tuple(problems))

    def labels(self, parsed: Parsed, document: Document) -> list[Label]:
        """The relations of the answer."""
        return relation_labels(parsed, document)

    def examples(
        self,
        parsed: Parsed,
        document: Document,
        pool: Sequence[Label],  # noqa: ARG002
        rng: Random,
    ) -> list[Document]:
        """One example if there is a relation; its negatives are made of itself."""
        return relation_example(parsed, document, rng)
