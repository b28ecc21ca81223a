"""Chunks: the texts to annotate, parted in a way that depends on the texts alone.

What a model says of a text can depend, in the last digits of its scores, on the texts it shares a batch with. So that
an interruption leaves no trace, the texts are parted once, over the whole list, and a chunk is annotated and cached
as one: which chunks were done before the interruption changes nothing in any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bioner.documents import Document
from bioner.files import hash_value

Text = tuple[str, str]  # language, text


@dataclass(frozen=True, slots=True)
class Chunk:
    """Texts that are annotated in one call.

    Attributes:
        key: SHA-256 of the texts, their order, and the teacher.
        texts: distinct, of similar length.
    """

    key: str
    texts: tuple[Text, ...]


def partition(documents: Iterable[Document], size: int, teacher: str) -> list[Chunk]:
    """Part the distinct texts of the documents, whatever order these come in.

    Args:
        documents: what is to be annotated; a text that occurs twice in a language is annotated once.
        size: the most texts in a chunk.
        teacher: SHA-256 of everything besides the texts that decides the annotations.
    """
    texts = sorted({text_of(document) for document in documents}, key=lambda text: (text[0], len(text[1]), text[1]))
    return [Chunk(hash_value([teacher, chunk]), tuple(chunk)) for chunk in _parted(texts, size)]


def text_of(document: Document) -> Text:
    """What the teacher sees of a document."""
    return document.language, document.text


def documents_of(texts: Iterable[Text]) -> list[Document]:
    """Texts as documents that tell a model nothing else."""
    return [Document(str(number), text, language) for number, (language, text) in enumerate(texts)]


def _parted(texts: Iterable[Text], size: int) -> Iterator[list[Text]]:
    """Cut before every text whose hash says so, and where a chunk is full.

    Cuts that go with the content, as in deduplicating backups, find back to the same places after a text was added
    or removed: the chunks further on, and what is cached of them, stay.
    """
    chunk: list[Text] = []
    for text in texts:
        if chunk and (len(chunk) == size or int(hash_value(text)[:8], 16) % size == 0):
            yield chunk
            chunk = []
        chunk.append(text)
    if chunk:
        yield chunk
