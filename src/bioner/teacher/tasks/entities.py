"""Entities with ids and types, and relations by id: the annotation of GLiNER-BioMed, and open NER.

Yazdani, Stepanov and Teodoro 2025 (arXiv 2504.00676): a teacher lists entities and the relations between them, from the
text alone or guided by its noun chunks; a GLiNER learns the types, and the relations as labels `head > relation` of
their tails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random
from typing import Any

from bioner.documents import Document
from bioner.teacher.grounding import Quote, ground
from bioner.teacher.tasks.answers import read_answer
from bioner.teacher.tasks.candidates import candidates
from bioner.teacher.tasks.entity_shots import gold_entities, with_context
from bioner.teacher.tasks.fields import Item, items, schema_list, schema_object
from bioner.teacher.tasks.links import by_id, relation_example, relation_labels
from bioner.teacher.tasks.parsed import Mention, Parsed
from bioner.teacher.tasks.problems import REPEATED, UNKNOWN_LABEL, Problem
from bioner.teacher.tasks.task import Task
from bioner.teacher.tasks.training import Label, drawn, example
from bioner.teacher.tasks.wording import TaskWording, Wording

ENTITY = {"id": int, "text": str, "type": str}
CONTEXT = {"before": str, "after": str}
RELATION = {"head": int, "relation": str, "tail": int}


@dataclass(frozen=True)
class EntityTask(Task):
    """Which entities a text has, of given types or of any.

    Attributes:
        relations: whether relations between them are asked for too.
        guided: whether candidate phrases of the text are shown (see `bioner.teacher.tasks.candidates`).
    """

    relations: bool = False
    guided: bool = False

    @property
    def _fields(self) -> dict[str, type]:
        return ENTITY | CONTEXT if self._context else ENTITY

    @property
    def _context(self) -> bool:
        """Whether words around an entity are quoted."""
        return self.grounding.occurrence == "context"

    @property
    def _each(self) -> bool:
        """Whether an entity is named for each of its places."""
        return self.grounding.occurrence in {"order", "context"}

    def schema(self, language: str) -> dict[str, Any]:
        """Entities, and relations if these are asked for; with given types, no other can be named."""
        closed = {"type": list(self.types.names(language).values())} if self.types else None
        lists = {"entities": schema_list(self._fields, closed)}
        return schema_object(lists | ({"relations": schema_list(RELATION)} if self.relations else {}))

    def parse(self, answer: str, document: Document) -> Parsed:
        """Read the entities and relations of an answer, and ground the entities."""
        value, problems = read_answer(answer, document.text)
        found = list(self._entities(value, document.language, problems))
        quotes = [Quote(item["text"], item.get("before", ""), item.get("after", "")) for item in found]
        mentions: list[Mention] = []
        known: dict[tuple[str, str], int] = {}
        ids: list[tuple[int, int]] = []
        for item, grounded in zip(found, ground(document.text, quotes, self.grounding), strict=True):
            said = item["text"], item["type"]
            if said in known and not self._each:
                problems.append(Problem.of(REPEATED, item))
            else:
                known[said] = len(mentions)
                mentions.append(Mention(*said, *grounded))
            ids.append((item["id"], known[said]))
        asked = items(value, "relations", RELATION, problems) if self.relations else iter(())
        relations = by_id(asked, ids, mentions, problems)
        return Parsed(tuple(mentions), tuple(relations), problems=tuple(problems))

    def labels(self, parsed: Parsed, document: Document) -> list[Label]:
        """The types of the answer, and its relations."""
        types = dict.fromkeys(span.label for span in parsed.spans())
        return [Label(name) for name in types] + relation_labels(parsed, document)

    def examples(self, parsed: Parsed, document: Document, pool: Sequence[Label], rng: Random) -> list[Document]:
        """An example of entities, and one of relations if there are any.

        An answer that is whole has negatives: of given types, all that the teacher did not name; without given types,
        those of other documents, of which some may be another name for a type of this one.
        """
        said = {mention.label for mention in parsed.mentions}
        negatives: list[str] = []
        if self.types and parsed.whole:
            negatives = [key for key in self.types.keys if key not in said]
        elif parsed.whole:
            negatives = drawn((label.words for label in pool if not label.anchors), said, rng)
        spans = parsed.spans()
        entities = [example(document, "entities", spans, negatives)] if spans or negatives else []
        return entities + relation_example(parsed, document, rng)

    def gold_answer(self, document: Document) -> dict[str, Any]:
        """The entities of the given types that a document has; of any type without them."""
        if self.relations:
            return super().gold_answer(document)
        names = self.types.names(document.language) if self.types else None
        return {"entities": gold_entities(document, names, each=self._each, context=self._context)}

    def _entities(self, value: Mapping[str, Any], language: str, problems: list[Problem]) -> Iterator[Item]:
        """The entities of an answer; their types are keys where types are given, else words."""
        known = self._names(language)
        for item in items(value, "entities", self._fields, problems, optional=tuple(CONTEXT)):
            name = " ".join(item["type"].split())
            if known is not None and name.casefold() not in known:
                problems.append(Problem.of(UNKNOWN_LABEL, item))
            else:
                yield item | {"type": name if known is None else known[name.casefold()]}

    @cached_property
    def _names(self) -> Callable[[str], dict[str, str] | None]:
        return cache(self._known_names)

    def _known_names(self, language: str) -> dict[str, str] | None:
        """What the given types may be called in an answer -> their keys."""
        if self.types is None:
            return None
        called = self.types.called(language)
        known = {synonym.casefold(): key for key, name in called.items() for synonym in name.synonyms}
        known |= {key.casefold(): key for key in called}
        return known | {name.name.casefold(): key for key, name in called.items()}

    def _rules(self, said: Wording, language: str) -> list[str]:
        rules = [said.each if self._each else said.once]
        if self.types:
            called = self.types.called(language).values()
            listed = [f"- {name.name}: {name.definition}" if name.definition else f"- {name.name}" for name in called]
            rules.append("\n".join([said.closed_types, *listed]))
        else:
            rules.append(said.open_types)
        return [*rules, said.context] if self._context else rules

    def _turn(self, said: Wording, own: TaskWording, text: str, language: str) -> str:
        turn = super()._turn(said, own, text, language)
        if not self.guided:
            return turn
        phrases = json.dumps(candidates(text, language), ensure_ascii=False)
        return f"{turn}\n{said.fenced_candidates(phrases)}"

    def _own_examples(self, own: TaskWording) -> list[tuple[str, Mapping[str, Any]]]:
        """Ours have types of their own, and are no examples for given ones."""
        if self.types:
            return []
        return [
            (text, with_context(text, answer) if self._context else answer)
            for text, answer in super()._own_examples(own)
        ]
