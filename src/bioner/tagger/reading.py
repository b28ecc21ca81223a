"""Reading windows of one language: the tagger's mentions of all types asked for, judged by the selector."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from bioner.entity_types import EntityTypes
from bioner.tagger.decoding import Decoder, Request, Tagged
from bioner.tagger.model import SELECTOR, TAGGER, TaggerModel
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import wording
from bioner.tagger.selector import Asked, Question, judge
from bioner.tagger.symbols import Extent, parse

Found = tuple[str, Extent, float]  # type, first and last word, score
_Mention = tuple[str, Extent, tuple[float, ...]]  # with the probabilities that make the score


class Reader:
    """Finds the mentions of some types in windows of one language."""

    def __init__(self, model: TaggerModel, types: EntityTypes, language: str, selector: bool) -> None:
        """Read the instruction once for all windows."""
        self._model = model
        self._language = language
        self._headers = model.prompts.headers(types, language)
        self._selector = selector
        model.network.use(TAGGER)
        self._decoder = Decoder(model.network, model.prompts.tagging[wording(language)], model.prompts.pieces.symbols)

    def read(self, windows: Sequence[Sequence[Tokens]]) -> list[list[Found]]:
        """The scored mentions of each window.

        A score is the geometric mean of the probabilities of the two symbols and, with a selector, of its `yes`.
        """
        headers = list(self._headers.values())
        self._model.network.use(TAGGER)
        lines = self._decoder.decode([Request(words, headers) for words in windows])
        found = [self._mentions(group) for group in lines]
        if self._selector:
            found = self._judged(windows, found)
        return [[(key, extent, _mean(scores)) for key, extent, scores in one] for one in found]

    def _mentions(self, group: Sequence[Tagged]) -> list[_Mention]:
        return [
            (key, extent, (line.probabilities[opened], line.probabilities[closed]))
            for key, line in zip(self._headers, group, strict=True)
            for extent, (opened, closed) in parse(line.items).items()
        ]

    def _judged(self, windows: Sequence[Sequence[Tokens]], found: Sequence[Sequence[_Mention]]) -> list[list[_Mention]]:
        self._model.network.use(SELECTOR)
        asked = [
            Asked(self._language, words, [Question(self._headers[key], extent) for key, extent, _ in one])
            for words, one in zip(windows, found, strict=True)
        ]
        judged = judge(self._model.network, asked, self._model.prompts)
        return [
            [(key, extent, (*scores, yes)) for (key, extent, scores), yes in zip(one, answers, strict=True)]
            for one, answers in zip(found, judged, strict=True)
        ]


def _mean(probabilities: Sequence[float]) -> float:
    return float(prod(probabilities) ** (1 / len(probabilities)))
