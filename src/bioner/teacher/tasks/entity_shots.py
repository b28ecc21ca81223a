"""Entity shots: the answers of examples, from annotated documents or from our own, as an answer has to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioner.documents import Document
from bioner.teacher.tasks.fields import Item
from bioner.teacher.tasks.parsed import Parsed

_QUOTED = 24  # characters before and behind an entity


def gold_entities(document: Document, names: Mapping[str, str] | None, *, each: bool, context: bool) -> list[Item]:
    """The entities of an annotated document as the items of an answer.

    Args:
        document: annotated text; entities of several fragments are left out.
        names: key -> name of the types that are asked for; without it, labels are names.
        each: list an entity for each of its places, not only once.
        context: quote the words around it.
    """
    listed: list[Item] = []
    said: set[tuple[str, str]] = set()
    for mention in Parsed.of(document).mentions:
        name = mention.label if names is None else names.get(mention.label)
        if name is None or ((mention.text, name) in said and not each):
            continue
        said.add((mention.text, name))
        item = {"id": len(listed), "text": mention.text, "type": name}
        listed.append(item | (_context(document.text, *mention.extents[0]) if context else {}))
    return listed


def with_context(text: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with the words around each entity, at its first place in the text."""
    places = [(item, text.find(item["text"])) for item in answer["entities"]]
    return {**answer, "entities": [item | _context(text, at, at + len(item["text"])) for item, at in places]}


def _context(text: str, start: int, end: int) -> dict[str, str]:
    before, after = text[max(0, start - _QUOTED) : start], text[end : end + _QUOTED]
    if start > _QUOTED:
        before = before[before.find(" ") + 1 :]  # no part of a word
    if end + _QUOTED < len(text) and " " in after:
        after = after[: after.rindex(" ")]
    return {"before": before, "after": after}
