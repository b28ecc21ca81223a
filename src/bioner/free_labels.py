"""Free labels: documents that say for themselves what a GLiNER may be asked about them, in words.

An example of a task (a question, a relation, a description) has labels that no other document has. Its `meta` names the
`task` and lists `negatives`: labels that are asked for although no span has them. What is neither a label of a span nor
a negative must not be asked for: whether it is in the text is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bioner.documents import Document
from bioner.entity_types import EntityTypes, TypeName

TASK, NEGATIVES = "task", "negatives"
LONGEST = 160  # characters of a label: as many tokens at most, which any encoder has room for


def is_free(document: Document) -> bool:
    """Whether a document has labels of its own."""
    return isinstance(document.meta.get(TASK), str) and isinstance(document.meta.get(NEGATIVES), list)


def negatives_of(document: Document) -> tuple[str, ...]:
    """What a document with labels of its own is asked for in vain."""
    return tuple(map(str, document.meta[NEGATIVES])) if is_free(document) else ()


def apart(document: Document) -> Document:
    """A document with labels of its own under a source of its own, so that it shares no window and no prompt."""
    return replace(document, source=f"{document.source}/{document.id}") if is_free(document) else document


def with_free(types: EntityTypes, documents: Sequence[Document]) -> EntityTypes:
    """The types, and behind them the labels of such documents, each its own name in every language."""
    free = (d for d in documents if is_free(d))
    words = dict.fromkeys(word for d in free for word in (*(span.label for span in d.spans), *negatives_of(d)))
    return EntityTypes({**types.types, **{w: {"": TypeName(name=w)} for w in words if w not in types.types}})
