"""Texts made by chance for the tests of drift: sentences of words that a domain draws from a vocabulary of its own."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bioner.documents import Document, Span

_STOPS = ("the", "of", "and", "in", "was", "with")
_LABELS = ("drug", "disease", "gene")


def documents(
    count: int, seed: int, *, words: range = range(400), length: int = 12, rate: float = 0.2
) -> list[Document]:
    """Documents of one to four sentences, whose words and entities are drawn anew.

    Args:
        words: numbers of the words of the vocabulary; low ones are frequent.
        length: mean number of words of a sentence.
        rate: entities per word.
    """
    chance = random.Random(seed)
    return [_document(f"{seed}-{number}", chance, words, length, rate) for number in range(count)]


def _document(name: str, chance: random.Random, words: range, length: int, rate: float) -> Document:
    topic = chance.choice(words)  # so that the words of a document are alike, as they are in real ones
    text, spans = "", []
    for _ in range(chance.randint(1, 4)):
        for place in range(max(3, round(chance.gauss(length, 3)))):
            word = _word(chance, words, topic)
            start = len(text) + (1 if text else 0)
            text = f"{text} {word.capitalize() if place == 0 else word}" if text else word.capitalize()
            if word not in _STOPS and chance.random() < rate:
                spans.append(Span.of(start, start + len(word), chance.choice(_LABELS), round(chance.random(), 2)))
        text += "."
    return Document(name, text, "en", tuple(spans))


def _word(chance: random.Random, words: Sequence[int], topic: int) -> str:
    if chance.random() < 0.3:
        return chance.choice(_STOPS)
    number = topic if chance.random() < 0.2 else words[int(len(words) * chance.random() ** 2)]
    return "w" + "".join(chr(ord("a") + int(digit)) for digit in str(number))
