"""Tests of texts as arrays of hashes: they say what lists and sets of words would."""

from __future__ import annotations

import subprocess
import sys
from itertools import chain

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.curation.hashing import BLOCK, contained, key_of, runs, sets_of, word_hashes
from bioner.curation.ragged import Ragged
from bioner.words import Words

TEXTS = st.lists(st.text("ab- 1中文\u0301\n", max_size=12), max_size=6)


def _lists(ragged: Ragged) -> list[list[int]]:
    return [ragged[number].tolist() for number in range(len(ragged))]


@given(TEXTS)
@settings(deadline=None)
def test_texts_have_equal_hashes_where_their_words_are_equal(texts: list[str]) -> None:
    words = [[word.casefold() for word in Words.of(text).texts(text)] for text in texts]
    hashes = _lists(word_hashes(texts))
    assert [len(found) for found in hashes] == [len(found) for found in words]
    known: dict[str, int] = {}
    for found, expected in zip(hashes, words, strict=True):
        assert found == [known.setdefault(word, value) for word, value in zip(expected, found, strict=True)]
    assert len(set(known.values())) == len(known)


@given(st.lists(st.text("abc", max_size=9), max_size=5), st.integers(1, 4))
@settings(deadline=None)
def test_runs_are_equal_where_their_words_are(texts: list[str], n: int) -> None:
    expected = [[t[i : i + n] for i in range(max(len(t) - n, 0) + 1)] if t else [] for t in texts]
    found = _lists(runs(word_hashes([" ".join(text) for text in texts]), n))
    pairs = {pair for one, other in zip(expected, found, strict=True) for pair in zip(one, other, strict=True)}
    assert len({run for run, _ in pairs}) == len({value for _, value in pairs}) == len(pairs)


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=5))
def test_sets_and_choices_of_lists(lists: list[list[int]]) -> None:
    ragged = Ragged.of(np.array([*chain(*lists)], np.uint64), np.array([len(one) for one in lists], np.int64))
    assert _lists(sets_of(ragged)) == [sorted(set(one)) for one in lists]
    backwards = np.arange(len(lists))[::-1]
    assert _lists(ragged.take(backwards)) == lists[::-1]
    assert ragged.count(ragged.values > 4).tolist() == [sum(value > 4 for value in one) for one in lists]
    assert _lists(Ragged.joined([ragged, ragged])) == lists + lists


def test_sets_of_more_lists_than_are_numbered_at_once() -> None:
    values = np.tile(np.array([5, 3, 3], np.uint64), BLOCK + 1)
    assert _lists(sets_of(Ragged.of(values, np.full(BLOCK + 1, 3))))[-2:] == [[3, 5], [3, 5]]


@given(st.lists(st.integers(0, 20)), st.lists(st.integers(0, 20)))
def test_contained(values: list[int], known: list[int]) -> None:
    found = contained(np.array(values, np.uint64), np.unique(np.array(known, np.uint64)))
    assert found.tolist() == [value in known for value in values]


def test_keys_differ_in_more_than_case_and_blanks() -> None:
    assert key_of("IL - 2 gene .") == key_of("il-2 Gene.") != key_of("IL-4 gene.")


def test_hashes_are_the_same_in_every_process() -> None:
    code = "from bioner.curation.hashing import word_hashes; print(word_hashes(['Renal 肾 biopsy']).values.tolist())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(word_hashes(["renal 肾 BIOPSY"]).values.tolist())
