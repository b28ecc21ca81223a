"""Frequent errors: the words that are missed most often, and those that are found most often where nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bioner.documents import Span
from bioner.evaluation.error_analysis import Error
from bioner.evaluation.mentions import Case, Mention

_Key = tuple[str, str, str]  # words without case, type, language


@dataclass(frozen=True, slots=True)
class FrequentError:
    """Mentions of the same words and type.

    Attributes:
        words: as they are written where they first were an error.
        label: the key of the type.
        language: of the documents.
        errors: how many of them were missed, or are spurious.
        mentions: how many there are on that side, right ones included.
    """

    words: str
    label: str
    language: str
    errors: int
    mentions: int


def most_missed(
    documents: Sequence[Case], errors: Iterable[Error], texts: Mapping[str, tuple[str, str]], limit: int
) -> list[FrequentError]:
    """The gold mentions that no prediction is paired with, by their words, the most frequent first.

    Args:
        documents: both sides.
        errors: all errors in these documents.
        texts: id of a document -> its text and its language.
        limit: how many to give at most.
    """
    gold = ((case.document, case.gold) for case in documents)
    missed = ((error.document, error.gold) for error in errors if error.gold and error.kind == "missed")
    return _frequent(missed, gold, texts, limit)


def most_spurious(
    documents: Sequence[Case], errors: Iterable[Error], texts: Mapping[str, tuple[str, str]], limit: int
) -> list[FrequentError]:
    """The predictions that no gold mention is paired with, likewise."""
    predicted = ((case.document, case.predicted) for case in documents)
    spurious = ((error.document, error.predicted) for error in errors if error.predicted and error.kind == "spurious")
    return _frequent(spurious, predicted, texts, limit)


def _frequent(
    wrong: Iterable[tuple[str, Span]],
    sides: Iterable[tuple[str, tuple[Mention, ...]]],
    texts: Mapping[str, tuple[str, str]],
    limit: int,
) -> list[FrequentError]:
    counts: Counter[_Key] = Counter()
    written: dict[_Key, str] = {}
    for document, span in wrong:
        words, key = _words(span, *texts[document])
        counts[key] += 1
        written.setdefault(key, words)
    chosen = sorted(counts, key=lambda key: (-counts[key], key))[:limit]
    mentions = Counter(_words(one.span, *texts[document])[1] for document, side in sides for one in side)
    return [FrequentError(written[key], key[1], key[2], counts[key], mentions[key]) for key in chosen]


def _words(span: Span, text: str, language: str) -> tuple[str, _Key]:
    words = " ".join(span.mention(text).split())
    return words, (words.casefold(), span.label, language)
