"""From the review queue to training data: one document a text, its types those of the params, grouped by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.files import hash_value
from bioner.review.queue import SOURCE, asked_of
from bioner.teacher.vocabulary import normalised, vocabulary

Group = tuple[str, tuple[str, ...]]  # a language, and the keys of the types that its documents are complete in


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the queue is worth for training.

    Attributes:
        groups: the documents by language and types. A training takes an annotated corpus to be complete in the types
            that occur in it; so documents that were asked for different types must not be mixed.
        unknown: labels that mean none of the types -> documents that were asked for them; their spans are left out.
        unused: documents that were asked for no other types.
    """

    groups: dict[Group, list[Document]]
    unknown: Counter[str]
    unused: int


@dataclass(slots=True)
class _Text:
    """All that is known of one text: what the last correction says of each type that was asked for."""

    document: Document
    said: dict[str, list[Span]] = field(default_factory=dict)


def gather(documents: Sequence[Document], types: EntityTypes) -> Gathered:
    """Join the corrections of each text; of two that were asked for one type, the later counts.

    Args:
        documents: the queue, the oldest first.
        types: those of the params; labels mean them by key, name, synonym or plural.
    """
    asked = Counter(label for document in documents for label in set(asked_of(document)))
    labels = vocabulary(asked, types)
    keys = {label: entry.normal for label, entry in labels.items() if entry.normal in types.keys}
    texts: dict[str, _Text] = {}
    unused = 0
    for document in documents:
        known = {keys[label] for label in asked_of(document) if label in keys}
        unused += not known
        if known:
            text = texts.setdefault(document.text, _Text(document))
            text.document = document
            spans = normalised(document, labels).spans
            text.said |= {key: [span for span in spans if span.label == key] for key in known if key is not None}
    unknown = Counter({label: count for label, count in asked.items() if label not in keys})
    return Gathered(_grouped(texts.values(), types), unknown, unused)


def _grouped(texts: Iterable[_Text], types: EntityTypes) -> dict[Group, list[Document]]:
    groups: dict[Group, list[Document]] = {}
    for text in texts:
        known = tuple(key for key in types.keys if key in text.said)
        document = text.document
        spans = tuple(span for key in known for span in text.said[key])
        name = hash_value([document.text])[:16]
        joined = Document(name, document.text, document.language, spans, SOURCE)
        groups.setdefault((document.language, known), []).append(joined)
    return groups
