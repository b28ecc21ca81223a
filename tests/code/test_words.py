"""The splitter: every character that shows is in exactly one word, and no character is torn."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Span
from bioner.words import Words, language_of, losses

_MARKS = [chr(c) for block in ((0x300, 0x36F), (0x20D0, 0x20F0), (0xFE00, 0xFE0F)) for c in range(*block)]
_TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("abcXYZ αβγ 019 -/.,()[] _ \n\t\u3000 患者阿司匹林，。 かが ＡＢ 한국 \U00020000 \u200d"),
        st.sampled_from([*_MARKS, "\u3099", "\u309a", "\U000e0100"]),
    ),
    max_size=30,
)


@given(_TEXT)
def test_words_ascend_and_cover_all_that_is_no_space(text: str) -> None:
    places = [place for start, end in Words.of(text).offsets for place in range(start, end)]
    assert places == [place for place, character in enumerate(text) if not character.isspace()]
    assert all(start < end for start, end in Words.of(text).offsets)


@given(_TEXT)
def test_a_combining_mark_stays_with_its_base(text: str) -> None:
    for start, _ in Words.of(text).offsets:
        if unicodedata.category(text[start]).startswith("M") and text[start] in {*_MARKS, "\u3099", "\U000e0100"}:
            assert start == 0 or text[start - 1].isspace()


@given(_TEXT)
def test_a_word_is_its_own_only_word(text: str) -> None:
    for word in Words.of(text).texts(text):
        assert Words.of(word).texts(word) == [word]


@given(st.text(st.sampled_from("患者服用阿司匹林かな한\U00020000，。"), max_size=20))
def test_a_cjk_character_is_a_word(text: str) -> None:
    assert Words.of(text).texts(text) == list(text)


@given(_TEXT)
def test_location_and_characters_are_inverse(text: str) -> None:
    words = Words.of(text)
    for first in range(len(words)):
        for last in range(first, len(words)):
            assert words.locate(Span.of(*words.characters(first, last), "x")) == (first, last)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("BRCA1-associated p53/MDM2", ["BRCA1", "-", "associated", "p53", "/", "MDM2"]),
        ("IL-2Rα, 5'-UTR; x_1", ["IL", "-", "2Rα", ",", "5", "'", "-", "UTR", ";", "x", "_", "1"]),
        ("服用aspirin 5mg后", ["服", "用", "aspirin", "5mg", "后"]),
        ("Sjo\u0308gren a\u0338=\u0338b", ["Sjo\u0308gren", "a\u0338", "=\u0338", "b"]),
        ("か\u3099ん", ["か\u3099", "ん"]),
        ("葛\U000e0100城", ["葛\U000e0100", "城"]),
        (" \n\t\u3000", []),
        ("", []),
    ],
)
def test_words_by_example(text: str, words: list[str]) -> None:
    assert Words.of(text).texts(text) == words


def test_a_span_within_a_word_or_in_pieces_has_no_place_among_words() -> None:
    words = Words.of("aspirin and warfarin")
    assert words.locate(Span.of(0, 6, "drug")) is None
    assert words.locate(Span.of(1, 7, "drug")) is None
    assert words.locate(Span(((0, 7), (12, 20)), "drug")) is None


def test_losses_are_counted_by_reason() -> None:
    text = "aspirin and oral warfarin given"
    spans = (
        Span.of(0, 7, "drug"),
        Span.of(0, 5, "drug"),
        Span.of(12, 25, "drug"),
        Span.of(0, 25, "drug"),
        Span(((0, 7), (17, 25)), "drug"),
    )
    counted = losses([(spans, Words.of(text)), ((), Words.of(""))], max_width=2)
    assert counted == {"discontinuous": 1, "not at word boundaries": 1, "wider than the window": 1}
    assert losses([(spans, Words.of(text))], max_width=4)["wider than the window"] == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Aspirin was given.", "en"),
        ("患者服用阿司匹林。", "zh"),
        ("予CT检查示EGFR突变", "zh"),
        ("", "en"),
        ("37.5", "en"),
    ],
)
def test_the_language_is_told_by_the_script(text: str, language: str) -> None:
    assert language_of(text) == language
