"""Tests of pairs of symbols: which are the text's own, and what may be a pair at all."""

from __future__ import annotations

import pytest

from bioner.corpora.symbol_pairs import tell
from bioner.corpora.symbol_scan import Symbols, scan
from bioner.errors import ConfigError

TAGS = Symbols("<e>", "</e>")


@pytest.mark.parametrize(
    "pair", [("", "]"), ("[", ""), ("@", "@"), ("@", "@@"), ("##", "#"), ("[ ", "]"), ("[", "\n]")]
)
def test_symbols_that_cannot_be_told_apart_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        Symbols(*pair)
    assert caught.value.mend


def test_a_string_is_taken_apart() -> None:
    found = scan("a <e>b</e> c", TAGS)
    assert found.bare == "a b c"
    assert [tuple(symbol) for symbol in found.symbols] == [(True, 2, 2, 5), (False, 3, 6, 10)]


@pytest.mark.parametrize(
    ("line", "text", "mentions", "alone", "missing"),
    [
        ("[a] b", "a b", [(0, 1)], 0, 0),
        ("[[a] b]", "[a] b", [(0, 3)], 0, 0),
        ("a] [b]", "a] b", [(1, 2)], 0, 0),
        ("a [b", "a b", [], 1, 0),
        ("a b", "[a b", [], 0, 1),
        ("a [b]", "[a] b", [(0, 1)], 0, 2),
    ],
)
def test_what_is_told(line: str, text: str, mentions: list[tuple[int, int]], alone: int, missing: int) -> None:
    told = tell(scan(line).symbols, scan(text).symbols)
    assert (told.mentions, told.alone, told.missing) == (mentions, alone, missing)
