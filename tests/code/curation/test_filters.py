"""Tests of the filters of curation: quality, near-duplicates, decontamination."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.config import Curate
from bioner.curation.decontaminate import Protected, shared_texts
from bioner.curation.duplicates import NearDuplicates, jaccard
from bioner.curation.ngrams import ngrams
from bioner.curation.passages import Passage, passages, words_of
from bioner.curation.quality import TOO_LONG, TOO_MANY_SYMBOLS, TOO_SHORT, defect
from bioner.documents import Document

RULES = Curate(min_words=4, max_words=12, max_symbol_share=0.3, near_duplicate=0.8, decontaminate_ngram=4, limit=10)


def _passage(text: str, language: str = "en") -> Passage:
    return next(passages([Document("d", text, language, source="s")]))


def test_passages_name_their_document_and_offset() -> None:
    document = Document("d", "First one. Second ONE.", "en", source="s")
    first, second = passages([document])
    assert (first.document.id, second.document.id) == ("s/d/1", "s/d/2")
    assert second.document.meta == {"document": "d", "start": 11}
    assert document.text[11:] == second.document.text
    assert second.words == ("second", "one", ".")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Too short.", "en", TOO_SHORT),
        ("It is long enough", "en", None),
        (" ".join(["word"] * 12), "en", None),
        (" ".join(["word"] * 13), "en", TOO_LONG),
        ("咳嗽。", "zh", TOO_SHORT),
        ("反复咳嗽。", "zh", None),
        ("反复咳嗽三天伴发热一天余。", "zh", TOO_LONG),
        ("A (1) = [2] / {3}", "en", TOO_MANY_SYMBOLS),
        ("年龄（18～70）。", "zh", TOO_MANY_SYMBOLS),
    ],
)
def test_quality(text: str, language: str, expected: str | None) -> None:
    assert defect(_passage(text, language), RULES) == expected


def test_ngrams_of_a_short_text_are_the_text() -> None:
    assert len(list(ngrams("abcde", 3))) == 3
    assert list(ngrams("ab", 3)) == list(ngrams("ab", 2))


def test_a_text_that_shares_a_run_of_words_is_recognised() -> None:
    protected = Protected([words_of("The patients received oral metformin daily."), words_of("Unrelated.")], 4)
    assert protected.shares(words_of("all PATIENTS received oral metformin."), "en")
    assert not protected.shares(words_of("patients received oral insulin and metformin daily"), "en")
    assert protected.shares(words_of("oral metformin"), "en")
    assert not protected.shares(words_of("metformin oral"), "en")


def test_chinese_runs_are_twice_as_long() -> None:
    protected = Protected([words_of("患者口服二甲双胍治疗。")], 4)
    assert not protected.shares(words_of("患儿口服二甲双胍片一周后好转"), "zh")
    assert protected.shares(words_of("成人口服二甲双胍治疗好转"), "zh")


@given(st.lists(st.text("abc", min_size=1, max_size=12), max_size=4), st.text("abc", min_size=1, max_size=12))
@settings(deadline=None)
def test_sharing_agrees_with_its_definition(texts: list[str], candidate: str) -> None:
    length = min(4, len(candidate))
    runs = [candidate[index : index + length] for index in range(len(candidate) - length + 1)]
    expected = any(run in text for run in runs for text in texts)
    assert Protected([tuple(text) for text in texts], 4).shares(tuple(candidate), "en") == expected


def test_shared_texts_differ_in_case_and_blanks_at_most() -> None:
    assert shared_texts(["IL - 2 gene .", "il-2 gene.", "IL-4 gene."], ["IL-2 gene."]) == 2


@dataclass(frozen=True)
class Planted:
    """Texts of which some nearly repeat an earlier one, and the indices of those."""

    texts: list[tuple[str, ...]]
    repeats: set[int]


def _planted(count: int, seed: int) -> Planted:
    """Random texts of 60 words, every fifth an earlier one with the last word changed (Jaccard 57/59)."""
    random_words = random.Random(seed)
    texts: list[tuple[str, ...]] = []
    repeats: set[int] = set()
    for index in range(count):
        if index % 5 == 4:
            texts.append((*texts[index - 3][:-1], "changed"))
            repeats.add(index)
        else:
            texts.append(tuple(f"w{random_words.randrange(2000)}" for _ in range(60)))
    return Planted(texts, repeats)


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_near_duplicates_are_found_and_no_others(seed: int) -> None:
    planted = _planted(300, seed)
    index = NearDuplicates(0.8, seed)
    assert {i for i, text in enumerate(planted.texts) if index.repeats(text, "en")} == planted.repeats


def test_the_exact_similarity_decides() -> None:
    text = tuple("abcdefghijklmnopqrst")
    nearly = (*text[:-1], "z")  # 17 of 19 shingles are shared
    assert jaccard(frozenset(ngrams(text, 3)), frozenset(ngrams(nearly, 3))) == pytest.approx(17 / 19)
    for threshold, expected in ((17 / 19 - 0.01, True), (17 / 19 + 0.01, False)):
        index = NearDuplicates(threshold, 1)
        assert not index.repeats(text, "en")
        assert index.repeats(nearly, "en") is expected


def test_empty_sets_are_equal() -> None:
    assert jaccard(frozenset(), frozenset()) == 1.0
