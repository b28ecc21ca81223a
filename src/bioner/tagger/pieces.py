"""Pieces: the words of a text, the symbols and the line ends as tokens of one model, never mistaken for each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bioner.errors import ModelError
from bioner.tagger.symbols import CLOSE, END, OPEN
from bioner.words import Words

_SYMBOLS = {OPEN: " [", CLOSE: " ]", END: "\n"}
_ESCAPED = frozenset("[]\\")

Tokens = tuple[int, ...]


class Pieces:
    """Turns words and symbols into token ids.

    Every word is tokenised alone, so that a word has the same tokens in the source and in a copy with symbols beside
    it. A word that begins with a bracket or a backslash gets a backslash before it, in both: no word then begins with
    the token of a symbol.

    Attributes:
        symbols: the one token of `OPEN`, `CLOSE` and `END`.

    Raises:
        ModelError: the tokenizer has no single token for a symbol.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, Tokens] = {}
        self.symbols = {symbol: self._single(text) for symbol, text in _SYMBOLS.items()}

    def _single(self, text: str) -> int:
        ids = self.of_text(text)
        if len(ids) != 1:
            raise ModelError(
                f"the tokenizer of the base model has no single token for {text!r}",
                mend="choose a base model with a byte-level BPE tokenizer",
            )
        return ids[0]

    def of_text(self, text: str) -> Tokens:
        """The tokens of a text of ours: an instruction or the name of a type."""
        return tuple(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def of_words(self, text: str, words: Words) -> list[Tokens]:
        """The tokens of each word of a text, with the space before it where the text has one."""
        pieces = [_piece(text, start, end) for start, end in words.offsets]
        self._learn(pieces)
        return [self._known[piece] for piece in pieces]

    def _learn(self, pieces: Iterable[str]) -> None:
        new = sorted({piece for piece in pieces if piece not in self._known})
        if new:
            ids: Sequence[Sequence[int]] = self._tokenizer(new, add_special_tokens=False)["input_ids"]
            self._known.update((piece, tuple(tokens)) for piece, tokens in zip(new, ids, strict=True))


def _piece(text: str, start: int, end: int) -> str:
    word = text[start:end]
    spaced = start == 0 or text[start - 1].isspace()
    return (" " if spaced else "") + ("\\" + word if word[0] in _ESCAPED else word)
