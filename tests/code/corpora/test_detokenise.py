"""Tests of the rule that turns tokens into text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.corpora.detokenise import detokenise
from bioner.words import Words

TOKENS = st.lists(
    st.one_of(
        st.sampled_from([*",.;:?!%)]}([{'-/", "''", "``", "'s", "IL", "2", "05", "s", "肺", "ER- cells", '"']),
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Z", "C")), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("Nuclear factor ( NF ) - kappa B , in T cells .", "Nuclear factor (NF)-kappa B, in T cells."),
        ("IL - 4 / IL - 13", "IL-4/IL-13"),
        ("p < 0 . 05 ) .", "p < 0.05)."),
        ("shown . 12 patients", "shown. 12 patients"),
        ("Alzheimer ' s disease", "Alzheimer's disease"),
        ("the 5 ' end", "the 5' end"),
        ("`` illegitimate '' recombinase", "``illegitimate'' recombinase"),
        ("50 % of [ 3H ] uptake", "50% of [3H] uptake"),
    ],
)
def test_the_stated_rule(tokens: str, text: str) -> None:
    assert detokenise(tokens.split(), "en")[0] == text


def test_no_tokens_give_no_text() -> None:
    assert detokenise([], "en") == ("", [])


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("乙 肝 病 毒 ( H B V )", "乙肝病毒(HBV)"),
        ("乙肝 HBV DNA 定量 10 9 / L", "乙肝HBV DNA定量10 9/L"),
        ("p H 值 7 . 3 5 ， β 2", "pH值7.35，β2"),
        ("vitamin D 缺乏", "vitamin D缺乏"),
    ],
)
def test_chinese_has_no_blanks_but_between_foreign_words(tokens: str, text: str) -> None:
    assert detokenise(tokens.split(), "zh")[0] == text


@given(TOKENS, st.sampled_from(["en", "zh"]))
@settings(deadline=None)
def test_every_token_is_at_its_offsets_and_nothing_else_is_in_the_text(tokens: list[str], language: str) -> None:
    text, offsets = detokenise(tokens, language)
    assert [text[start:end] for start, end in offsets] == tokens
    gaps = [text[left[1] : right[0]] for left, right in pairwise(offsets)]
    assert set(gaps) <= {"", " "}
    assert text.startswith(tokens[0])
    assert text.endswith(tokens[-1])


@given(st.lists(st.one_of(st.sampled_from([*",.;:?!%)]}([{'-/"]), st.from_regex(r"[A-Za-z0-9]{1,4}", fullmatch=True))))
def test_token_boundaries_are_word_boundaries(tokens: list[str]) -> None:
    text, offsets = detokenise(tokens, "en")
    assert list(Words.of(text).offsets) == offsets
