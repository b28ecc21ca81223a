"""Training examples: an answer as documents that a GLiNER can learn from, each with what it is asked for in vain.

The labels of such a document are what a GLiNER is asked for, in words (or keys of types): a type, a relation as `head >
relation`, a question. Its `meta` says the rest (see `bioner.free_labels`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import NamedTuple

from bioner.curation.stop_words import STOP_WORDS
from bioner.documents import Document, Span
from bioner.free_labels import NEGATIVES, TASK
from bioner.words import Words

MOST_NEGATIVES = 8  # of an example: a training draws from them
_STEM = 6  # letters by which words are compared, so that endings do not matter
_LETTERS = re.compile(r"[^\W\d_]{3}")
_HAN = re.compile("[\u3400-\u9fff]")


class Label(NamedTuple):
    """Something that a GLiNER can be asked for.

    Attributes:
        words: how it is asked for.
        anchors: what it names of its own text; a text with none of it has no answer to it.
    """

    words: str
    anchors: frozenset[str] = frozenset()


def example(document: Document, task: str, spans: Iterable[Span], negatives: Sequence[str]) -> Document:
    """The text of a document with these spans, as an example of a task."""
    meta = {**document.meta, TASK: task, NEGATIVES: list(negatives)}
    return replace(document, id=f"{document.id}/{task}", spans=tuple(spans), meta=meta)


def drawn(candidates: Iterable[str], positives: Iterable[str], rng: Random) -> list[str]:
    """Some of the candidates, each once, without those that are a positive but for case and blanks."""
    taken = {_bare(words) for words in positives}
    free = {_bare(words): words for words in candidates if _bare(words) not in taken}
    ordered = [free[key] for key in sorted(free)]
    return rng.sample(ordered, min(MOST_NEGATIVES, len(ordered)))


def anchors(prompt: str, document: Document) -> frozenset[str]:
    """What a prompt names of the text that it was made for."""
    return contents(prompt, document.language) & contents(document.text, document.language)


def foreign(pool: Iterable[Label], document: Document) -> list[str]:
    """The prompts of other texts that name something, but nothing of this text."""
    here = contents(document.text, document.language)
    return [label.words for label in pool if label.anchors and label.anchors.isdisjoint(here)]


def contents(text: str, language: str) -> frozenset[str]:
    """What a text names: its words by their first letters, and pairs of Chinese characters, without stop words."""
    stop = STOP_WORDS.get(language, frozenset())
    words = [word.casefold() for word in Words.of(text).texts(text)]
    names = {word[:_STEM] for word in words if word not in stop and _LETTERS.match(word)}
    pairs = pairwise(words)
    return frozenset(names | {a + b for a, b in pairs if {a, b}.isdisjoint(stop) and _HAN.match(a) and _HAN.match(b)})


def _bare(words: str) -> str:
    return " ".join(words.casefold().split())
