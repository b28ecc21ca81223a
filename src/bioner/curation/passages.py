"""Passages: the sentences of unlabelled documents with their words, which is what the filters look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from bioner.curation.sentences import sentences
from bioner.documents import Document
from bioner.words import Words


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence as a document of its own.

    Attributes:
        document: unannotated; its `meta` names the document and the offset that the sentence is from.
        words: its words, case folded.
    """

    document: Document
    words: tuple[str, ...]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, case folded: what texts are compared by."""
    return tuple(word.casefold() for word in Words.of(text).texts(text))


def key_of(text: str) -> str:
    """What is equal for texts that differ in case, blanks and tokenisation only."""
    return "".join(text.casefold().split())


def passages(documents: Iterable[Document]) -> Iterator[Passage]:
    """The sentences of the documents; ids are source, document and number of the sentence."""
    for document in documents:
        for number, (start, end) in enumerate(sentences(document.text), 1):
            text = document.text[start:end]
            meta = MappingProxyType({"document": document.id, "start": start})
            identity = f"{document.source}/{document.id}/{number}"
            sentence = Document(identity, text, document.language, (), document.source, meta)
            yield Passage(sentence, words_of(text))
