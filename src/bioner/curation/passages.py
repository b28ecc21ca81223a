"""Passages: the sentences of unlabelled documents, each as a document of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from bioner.curation.repair import repaired
from bioner.curation.sentences import sentences
from bioner.documents import Document


def passage_id(source: str, document: str, number: int) -> str:
    """The id of a sentence: its source, the id of its document, and its number there, from 1."""
    return f"{source}/{document}/{number}"


def passages(document: Document, places: Iterable[tuple[int, int, int]]) -> Iterator[Document]:
    """Sentences of a document as documents, each given by its number and its offsets in the repaired text.

    Their `meta` names the document and the offset.
    """
    text = repaired(document.text)
    for number, start, end in places:
        identity = passage_id(document.source, document.id, number)
        meta = MappingProxyType({"document": document.id, "start": start})
        yield Document(identity, text[start:end], document.language, (), document.source, meta)


def sentence_texts(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in sentences(text)]


def whole_and_sentences(text: str) -> list[str]:
    """A text, and its sentences where it has several: what a text of either size may repeat."""
    parts = sentence_texts(text)
    return [text, *parts] if len(parts) > 1 else [text]
