"""Reading windows: the tagger's mentions of all types asked for, judged by the selector, with their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Text:
    """One window: its language, and the tokens of each word."""

    language: str
    words: Sequence[Tokens]


class Reader:
    """Finds the mentions of some types in windows."""

    def __init__(self, model: TaggerModel, types: EntityTypes, selector: bool) -> None:
        """Read the instructions once for all windows."""
        self._model = model
        self._types = types
        self._selector = selector
        model.network.use(TAGGER)
        self._decoder = Decoder(model.network, model.prompts)

    def read(self, texts: Sequence[Text]) -> list[list[Found]]:
        """The scored mentions of each window.

        A score is the geometric mean of the probabilities of the two symbols and, with a selector, of its `yes`.
        """
        prompts = self._model.prompts
        headers = [prompts.headers(self._types, text.language) for text in texts]
        requests = [
            Request(prompts.tagging[wording(text.language)], text.words, list(own.values()))
            for text, own in zip(texts, headers, strict=True)
        ]
        self._model.network.use(TAGGER)
        found = [self._mentions(group) for group in self._decoder.decode(requests)]
        if self._selector:
            found = self._judged(texts, headers, found)
        return [[(key, extent, _mean(scores)) for key, extent, scores in one] for one in found]

    def _mentions(self, group: Sequence[Tagged]) -> list[_Mention]:
        return [
            (key, extent, (line.probabilities[opened], line.probabilities[closed]))
            for key, line in zip(self._types.keys, group, strict=True)
            for extent, (opened, closed) in parse(line.items).items()
        ]

    def _judged(
        self, texts: Sequence[Text], headers: Sequence[Mapping[str, Tokens]], found: Sequence[Sequence[_Mention]]
    ) -> list[list[_Mention]]:
        self._model.network.use(SELECTOR)
        asked = [
            Asked(text.language, text.words, [Question(own[key], extent) for key, extent, _ in one])
            for text, own, one in zip(texts, headers, found, strict=True)
        ]
        judged = judge(self._model.network, asked, self._model.prompts)
        return [
            [(key, extent, (*scores, yes)) for (key, extent, scores), yes in zip(one, answers, strict=True)]
            for one, answers in zip(found, judged, strict=True)
        ]


def _mean(probabilities: Sequence[float]) -> float:
    return float(prod(probabilities) ** (1 / len(probabilities)))
