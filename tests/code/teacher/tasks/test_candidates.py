"""Candidate phrases: what names are made of stays together, what joins them does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.teacher.tasks.candidates import candidates
from bioner.words import Words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Acute renal failure was caused by the IL-2 receptor antagonist.",
            ["Acute renal failure", "IL-2 receptor antagonist"],
        ),
        ("TNF-α/β (tumour necrosis factor) and 5 mg of it.", ["TNF-α/β", "tumour necrosis factor", "5 mg"]),
        ("Crohn's disease, Crohn's disease.", ["Crohn's disease"]),
        ("12.5 % of 30 - 40", []),
        ("a b c d e f g h i j k l m n o p", []),
        ("", []),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    assert candidates(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("患者出现急性肾衰竭和高钾血症，给予对乙酰氨基酚。", ["急性肾衰竭", "高钾血症", "对乙酰氨基酚"]),
        ("血氧饱和度下降是潜在的IL-2受体缺陷", ["血氧饱和度下降", "潜在", "IL-2受体缺陷"]),
    ],
)
def test_chinese(text: str, expected: list[str]) -> None:
    assert candidates(text, "zh") == expected


@given(st.text(), st.sampled_from(["en", "zh"]))
def test_every_phrase_is_a_run_of_words_of_the_text(text: str, language: str) -> None:
    words = Words.of(text).offsets
    runs = {text[start:end] for n, (start, _) in enumerate(words) for _, end in words[n : n + 24]}
    assert set(candidates(text, language)) <= runs
