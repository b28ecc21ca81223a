"""What is counted of a document: of its sentences, their language, length and words, and what a model found in them."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import chain

from bioner.curation.sentences import sentences
from bioner.curation.stop_words import STOP_WORDS
from bioner.documents import Document
from bioner.words import Words

_RUNNING = 0.1  # share of a sentence's words that are stop words of a language, from which it is in that language
_NAMES = {"CJK": "zh"}  # script -> what it is called here


@dataclass(frozen=True, slots=True)
class Observed:
    """One document, counted; documents change sides as wholes, so they are never taken apart.

    Attributes:
        languages: of each sentence.
        lengths: words of each sentence.
        words: every word with a letter, but for case.
        labels: of each entity.
        scores: of each entity, its confidence.
        densities: of each sentence, entities per word.
    """

    languages: tuple[str, ...]
    lengths: tuple[int, ...]
    words: tuple[str, ...]
    labels: tuple[str, ...]
    scores: tuple[float, ...]
    densities: tuple[float, ...]


def observe(document: Document) -> Observed:
    """Count a document; of one that no model has read, what concerns entities says nothing."""
    extents = list(sentences(document.text))
    texts = [document.text[start:end] for start, end in extents]
    split = [[word.casefold() for word in Words.of(text).texts(text)] for text in texts]
    begins = [start for start, _ in extents]
    found = Counter(bisect_right(begins, span.start) - 1 for span in document.spans)
    return Observed(
        languages=tuple(map(language_mark, split)),
        lengths=tuple(map(len, split)),
        words=tuple(word for words in split for word in words if any(map(str.isalpha, word))),
        labels=tuple(span.label for span in document.spans),
        scores=tuple(span.score for span in document.spans if span.score is not None),
        densities=tuple(found[index] / max(1, len(words)) for index, words in enumerate(split)),
    )


def observe_all(documents: Iterable[Document]) -> list[Observed]:
    """Count documents; sentences that are documents of their own count as the one that their `meta` names.

    Sentences of one abstract are alike. As documents of their own, they would make every other abstract seem strange:
    the more so as their words are known from the others of the same abstract.
    """
    found: dict[tuple[str, str], list[Observed]] = {}
    for document in documents:
        whole = document.source, str(document.meta.get("document", document.id))
        found.setdefault(whole, []).append(observe(document))
    return [_together(parts) for parts in found.values()]


def _together(parts: Sequence[Observed]) -> Observed:
    return Observed(*(tuple(chain(*(getattr(part, field.name) for part in parts))) for field in fields(Observed)))


def language_mark(words: Sequence[str]) -> str:
    """What the words of a sentence look like: a language whose stop words it has, else the script of most letters.

    It is no identification: what an English sentence without stop words is called, one of the training text is, too.
    """
    scripts = Counter(script(letter) for word in words for letter in word if letter.isalpha())
    if not scripts:
        return "no letters"
    most = scripts.most_common(1)[0][0]
    if most != "Latin":
        return most
    for language, stops in STOP_WORDS.items():
        if sum(word in stops for word in words) >= _RUNNING * len(words):
            return language
    return most


@cache
def script(letter: str) -> str:
    """The script of a letter, by its Unicode name; Chinese characters are `zh`."""
    name = unicodedata.name(letter, "other").partition(" ")[0]
    return _NAMES.get(name, name.capitalize())
