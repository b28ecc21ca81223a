"""Tests of the alignment of words: it is the best there is, and takes bounded time."""

from __future__ import annotations

import time
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.tagger import word_alignment
from bioner.tagger.word_alignment import align

words = st.text("ab", max_size=9).map(list) | st.text("abc", max_size=9).map(list)


def worth(joined: list[int | None]) -> int:
    """Two points a joined word, less one for each unbroken run."""
    runs = sum(
        word is not None and (before is None or word != before + 1) for before, word in pairwise((None, *joined))
    )
    return 2 * sum(word is not None for word in joined) - runs


def best(source: list[str], line: list[str]) -> int:
    """The worth of the best alignment, by trying all."""

    @cache
    def after(i: int, j: int, running: bool) -> int:
        if i == len(source) or j == len(line):
            return 0
        skipped = max(after(i + 1, j, False), after(i, j + 1, False))
        if source[i] != line[j]:
            return skipped
        return max(skipped, 2 - (not running) + after(i + 1, j + 1, True))

    return after(0, 0, False)


@given(words, words)
@settings(deadline=None, max_examples=500)
def test_it_joins_the_most_words_in_the_fewest_runs(source: list[str], line: list[str]) -> None:
    joined = align(source, line)
    assert len(joined) == len(line)
    numbers = [word for word in joined if word is not None]
    assert numbers == sorted(set(numbers))
    assert all(word is None or source[word] == line[place] for place, word in enumerate(joined))
    assert worth(joined) == best(source, line)


@pytest.mark.parametrize(
    ("source", "line", "joined"),
    [
        ("the cat of the dog", "the cat of the dog", [0, 1, 2, 3, 4]),
        ("the liver of it", "the text : the liver of it", [None, None, None, 0, 1, 2, 3]),
        ("a b c", "a b c a b c", [0, 1, 2, None, None, None]),
        ("a x a", "a", [0]),
        ("x a c", "a b c", [1, None, 2]),
        ("", "a", [None]),
        ("a", "", []),
    ],
)
def test_the_stated_choices(source: str, line: str, joined: list[int | None]) -> None:
    assert align(source.split(), line.split()) == joined


def test_words_beyond_the_table_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_alignment, "CELLS", 12)
    assert align(["a", "b"], ["a", "x", "b", "b"]) == [0, None, 1, None]
    assert align(["a"] * 12, ["a"]) == [None]


def test_a_hostile_line_takes_no_long_time() -> None:
    begun = time.process_time()
    assert align(["a", "b"] * 150, ["b", "a", "a"] * 10_000).count(None) == 30_000 - 300
    assert time.process_time() - begun < 10
