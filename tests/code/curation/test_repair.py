"""Tests of the repair of broken encodings."""

from __future__ import annotations

import ftfy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.curation.repair import repaired


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("Î²-lactam antibiotics", "β-lactam antibiotics"),
        ("SjÃ¶gren's syndrome at 37Â°C", "Sjögren's syndrome at 37°C"),
        ("æ‚£è€…å’³å—½ä¸‰å¤©", "患者咳嗽三天"),
        ("p &lt; 0.05 &amp; n &gt; 3", "p < 0.05 & n > 3"),
        ("one\r\ntwo\x07", "one\ntwo"),
    ],
)
def test_broken_text_is_mended(broken: str, mended: str) -> None:
    assert repaired(broken) == mended


@pytest.mark.parametrize(
    "text",
    [
        "体温３８．５℃，“无发热”（＋）。",
        "naïve β-blocker – “quoted”",
        "ﬁbrosis e\u0301",
        "R&D, 5 > 3, AT&T;",
        "a\nb\tc",
    ],
)
def test_what_is_merely_unusual_stays(text: str) -> None:
    assert repaired(text) == text


@given(st.text(st.characters(max_codepoint=127)))
@settings(deadline=None)  # the first example imports ftfy
def test_plain_ascii_takes_a_short_way_to_the_same_end(text: str) -> None:
    full = ftfy.fix_text(text, fix_character_width=False, uncurl_quotes=False, fix_latin_ligatures=False)
    assert repaired(text) == full
