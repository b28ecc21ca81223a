"""Reading windows: the tagger's mentions of all types asked for, judged by the selector, with their scores."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod

import torch

from bioner.entity_types import EntityTypes
from bioner.tagger.decoding import Decoder, Request
from bioner.tagger.lines import Tagged
from bioner.tagger.model import SELECTOR, TAGGER, TaggerModel
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import wording
from bioner.tagger.sampling import Sampling
from bioner.tagger.selector import Asked, Question, judge
from bioner.tagger.stepping import Group
from bioner.tagger.symbols import Extent, outer_first, parse

Found = tuple[str, Extent, float]  # type, first and last word, score
_Mention = tuple[str, Extent, tuple[float, ...]]  # with the probabilities that make the score


@dataclass(frozen=True, slots=True)
class Text:
    """One window: its language, and the tokens of each word."""

    language: str
    words: Sequence[Tokens]


@dataclass(frozen=True, slots=True)
class _Asking:
    """A window, and type -> what begins its line."""

    text: Text
    headers: Mapping[str, Tokens]


class Reader:
    """Finds the mentions of some types in windows.

    Args:
        selector: whether the selector judges each mention.
        sampling: how lines are sampled; by default each is the one of greedy decoding.
    """

    def __init__(
        self, model: TaggerModel, types: EntityTypes, selector: bool, sampling: Sampling | None = None
    ) -> None:
        """Read the instructions once for all windows."""
        self._model = model
        self._types = types
        self._selector = selector
        self._agreement = sampling.agreement if sampling else None
        model.network.use(TAGGER)
        self._decoder = Decoder(model.network, model.prompts, sampling, opening_bias=model.opening_bias)

    def read(self, texts: Iterable[Text], batch_size: int) -> Iterator[list[Found]]:
        """The scored mentions of each window, in order; at most `batch_size` windows are in work at a time.

        A score is the geometric mean of the probabilities of the two symbols and, with a selector, of its `yes`. Of a
        mention that was sampled, its agreement stands for the two symbols.
        """
        self._model.network.use(TAGGER)
        found = self._mentions(texts, batch_size)
        while some := list(islice(found, batch_size)):
            judged = self._judged(some) if self._selector else [mentions for _, mentions in some]
            yield from ([(key, extent, _mean(scores)) for key, extent, scores in one] for one in judged)

    def _mentions(self, texts: Iterable[Text], batch_size: int) -> Iterator[tuple[_Asking, list[_Mention]]]:
        taken: deque[_Asking] = deque()

        def requests() -> Iterator[Request]:
            prompts = self._model.prompts
            for text in texts:
                asking = _Asking(text, prompts.headers(self._types, text.language))
                taken.append(asking)
                yield Request(prompts.tagging[wording(text.language)], text.words, list(asking.headers.values()))

        for group in self._decoder.stream(requests(), batch_size):
            yield taken.popleft(), self._mentions_of(group)

    def _mentions_of(self, group: Group) -> list[_Mention]:
        return [
            (key, extent, probabilities)
            for key, lines in zip(self._types.keys, group, strict=True)
            for extent, probabilities in (
                _probabilities(*lines) if self._agreement is None else agreed(lines, self._agreement)
            ).items()
        ]

    @torch.inference_mode()
    def _judged(self, found: Sequence[tuple[_Asking, Sequence[_Mention]]]) -> list[list[_Mention]]:
        network = self._model.network
        asked = [
            Asked(
                asking.text.language,
                asking.text.words,
                [Question(asking.headers[key], extent) for key, extent, _ in one],
            )
            for asking, one in found
        ]
        network.use(SELECTOR)
        judged = judge(network, asked, self._model.prompts)
        network.use(TAGGER)
        return [
            [(key, extent, (*scores, yes)) for (key, extent, scores), yes in zip(one, answers, strict=True)]
            for (_, one), answers in zip(found, judged, strict=True)
        ]


def _probabilities(line: Tagged) -> dict[Extent, tuple[float, ...]]:
    """The mentions of a line, with the probabilities of their symbols."""
    places = parse(line.items)
    return {
        extent: (line.probabilities[opened], line.probabilities[closed]) for extent, (opened, closed) in places.items()
    }


def agreed(lines: Sequence[Tagged], least: float) -> dict[Extent, tuple[float, ...]]:
    """The mentions that more than a share of the samples hold, outer before inner, each with its share."""
    held: Counter[Extent] = Counter()
    for line in lines:
        held.update(dict.fromkeys(parse(line.items), line.copies))
    samples = sum(line.copies for line in lines)
    shares = {extent: count / samples for extent, count in held.items()}
    ordered = sorted(shares, key=outer_first)
    return {extent: (shares[extent],) for extent in ordered if shares[extent] > least}


def _mean(probabilities: Sequence[float]) -> float:
    return float(prod(probabilities) ** (1 / len(probabilities)))
