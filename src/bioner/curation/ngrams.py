"""Word n-grams: the runs of words that texts are compared by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_SEPARATOR = "\x1f"


def ngrams(words: Sequence[str], n: int) -> Iterator[str]:
    """All runs of `n` words, each joined to one string; the whole text where it has fewer."""
    for index in range(max(len(words) - n, 0) + 1):
        yield _SEPARATOR.join(words[index : index + n])
