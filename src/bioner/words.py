"""Words: the one splitter per language, used alike in training and in inference.

A word is a maximal run of letters and digits outside the CJK scripts, a single CJK character, or a single other
symbol, each with its combining marks. Hyphens and slashes are words of their own, so that the entity inside
"BRCA1-associated" has word boundaries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bioner.documents import Span

_CJK = (
    "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003134f"
)
# Marks that belong to the character before them: diacritics (also those of symbols and kana) and variation selectors.
_MARK = (
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a"
    "\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef"
)
_WORD = re.compile(rf"[^\W_{_CJK}](?:[^\W_{_CJK}]|[{_MARK}\u200d])*|\S[{_MARK}]*")

WordSpan = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text.

    Attributes:
        offsets: `(start, end)` of each word in code points of the text, end exclusive.
    """

    offsets: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """Split a text. The rule covers English and Chinese, also mixed in one sentence."""
        return cls(tuple(map(re.Match.span, _WORD.finditer(text))))

    def __len__(self) -> int:
        return len(self.offsets)

    def texts(self, text: str) -> list[str]:
        """The words themselves."""
        return [text[start:end] for start, end in self.offsets]

    def locate(self, span: Span) -> WordSpan | None:
        """`(first, last)` word of a contiguous span, both inclusive; `None` if it does not begin and end at words."""
        if not span.contiguous:
            return None
        first = next((i for i, (start, _) in enumerate(self.offsets) if start == span.start), None)
        last = next((i for i, (_, end) in enumerate(self.offsets) if end == span.end), None)
        return None if first is None or last is None else (first, last)

    def characters(self, first: int, last: int) -> tuple[int, int]:
        """`(start, end)` in code points of the words `first` to `last`, both inclusive."""
        return self.offsets[first][0], self.offsets[last][1]


def losses(documents_words: Sequence[tuple[tuple[Span, ...], Words]], max_width: int) -> dict[str, int]:
    """How many spans a word-level model of `max_width` words cannot hold, by reason."""
    counts = {"discontinuous": 0, "not at word boundaries": 0, "wider than the window": 0}
    for spans, words in documents_words:
        for span in spans:
            if not span.contiguous:
                counts["discontinuous"] += 1
                continue
            place = words.locate(span)
            if place is None:
                counts["not at word boundaries"] += 1
            elif place[1] - place[0] >= max_width:
                counts["wider than the window"] += 1
    return counts


_HAN = re.compile("[\u4e00-\u9fff]")


def language_of(text: str) -> str:
    """`zh` where at least a fifth of the words are Chinese characters, else `en`: a guess from the script alone."""
    words = Words.of(text).texts(text)
    return "zh" if 5 * sum(bool(_HAN.match(word)) for word in words) >= max(1, len(words)) else "en"
