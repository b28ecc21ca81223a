"""Chunks: the texts to annotate, each under the key of its record; parted by what decides their annotations.

What a model of this machine says of a text can depend, in the last digits of its scores, on the texts it shares a batch
with. So that an interruption leaves no trace, such texts are parted `together`: once, over the whole list. What a model
behind an endpoint says depends on the text alone: such texts are taken `apart`, as they come, and never all in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from bioner.documents import Document
from bioner.files import hash_value

Text = tuple[str, str]  # language, text
Key = bytes  # of a record


@dataclass(frozen=True, slots=True)
class Chunk:
    """Texts that are handed to the teacher as one.

    Attributes:
        texts: in the order in which they are annotated.
        keys: of their records.
    """

    texts: tuple[Text, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the texts are parted.

    Attributes:
        chunks: gives them all, as often as it is called; a text may occur twice.
        key: gives the key of the record of any of these texts.
    """

    chunks: Callable[[], Iterator[Chunk]]
    key: Callable[[Text], Key]


def together(documents: Iterable[Document], size: int, teacher: str) -> Plan:
    """Part the distinct texts of the documents, whatever order these come in; a chunk has texts of similar length.

    The key of a record holds its whole chunk: in other company it is another record.

    Args:
        documents: what is to be annotated; a text that occurs twice in a language is annotated once.
        size: the most texts in a chunk.
        teacher: SHA-256 of everything besides the texts that decides the annotations.
    """
    texts = sorted({text_of(document) for document in documents}, key=lambda text: (text[0], len(text[1]), text[1]))
    keys: dict[Text, Key] = {}
    chunks = []
    for parted in _parted(texts, size):
        company = hash_value([teacher, parted])
        named = {text: key_of([company, number]) for number, text in enumerate(parted)}
        keys |= named
        chunks.append(Chunk(tuple(parted), tuple(named.values())))
    return Plan(lambda: iter(chunks), keys.__getitem__)


def apart(read: Callable[[], Iterable[Document]], size: int, key: Callable[[Text], Key]) -> Plan:
    """Take the texts of the documents as they come.

    Args:
        read: goes through the documents.
        size: how many texts are looked up at a time.
        key: of the record of a text.
    """

    def chunks() -> Iterator[Chunk]:
        texts = map(text_of, read())
        while some := tuple(islice(texts, size)):
            yield Chunk(some, tuple(map(key, some)))

    return Plan(chunks, key)


def key_of(value: object) -> Key:
    """The key of a record: half of the SHA-256 of a JSON value, as a million records never share one."""
    return bytes.fromhex(hash_value(value))[:16]


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
