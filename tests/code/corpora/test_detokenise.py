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
    assert detokenise(tokens.split())[0] == text


def test_no_tokens_give_no_text() -> None:
    assert detokenise([]) == ("", [])


@given(TOKENS)
@settings(deadline=None)
def test_every_token_is_at_its_offsets_and_nothing_else_is_in_the_text(tokens: list[str]) -> None:
    text, offsets = detokenise(tokens)
    assert [text[start:end] for start, end in offsets] == tokens
    gaps = [text[left[1] : right[0]] for left, right in pairwise(offsets)]
    assert set(gaps) <= {"", " "}
    assert text.startswith(tokens[0])
    assert text.endswith(tokens[-1])


@given(st.lists(st.one_of(st.sampled_from([*",.;:?!%)]}([{'-/"]), st.from_regex(r"[A-Za-z0-9]{1,4}", fullmatch=True))))
def test_token_boundaries_are_word_boundaries(tokens: list[str]) -> None:
    text, offsets = detokenise(tokens)
    assert list(Words.of(text).offsets) == offsets
