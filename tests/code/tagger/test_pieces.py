"""Words and symbols never share a token where they could be confused, and a word has the same tokens everywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.tagger.model import TaggerModel
from bioner.tagger.pieces import Pieces
from bioner.words import Words

texts = st.text(st.sampled_from(list("ab [](){}\\\n\t0é患者，。\u0301<|>_")), min_size=1, max_size=30)


@given(text=texts)
def test_no_word_begins_like_a_symbol(session_pieces: Pieces, text: str) -> None:
    tokens = session_pieces.of_words(text, Words.of(text))
    symbols = set(session_pieces.symbols.values())
    assert len(symbols) == 3
    assert not any(word[0] in symbols for word in tokens)


@given(text=texts)
def test_every_word_has_tokens(session_pieces: Pieces, text: str) -> None:
    words = Words.of(text)
    tokens = session_pieces.of_words(text, words)
    assert len(tokens) == len(words)
    assert all(tokens)


def test_brackets_of_the_text_are_escaped(tiny: TaggerModel) -> None:
    pieces = tiny.prompts.pieces
    (word,) = pieces.of_words("[", Words.of("["))
    assert word == pieces.of_text(" \\[")


def test_words_keep_the_spaces_of_the_text(tiny: TaggerModel) -> None:
    pieces = tiny.prompts.pieces
    text = "low-dose 阿司"
    assert pieces.of_words(text, Words.of(text)) == [pieces.of_text(t) for t in (" low", "-", "dose", " 阿", "司")]
