"""Self-consistency: each line written several times, by chance, and the share of the times that a span was found.

After Wang et al. 2023 (arXiv 2203.11171). Sampling and not a beam: the best lines of a beam mostly differ in one symbol
of little weight, so that their agreement says little of how sure the model is, while a sample holds a span as often as
the model believes in it. Samples also share what they agree on, which makes them cheap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioner.errors import ConfigError
from bioner.seeds import derive
from bioner.tagger.cursor import CHOICES
from bioner.tagger.pieces import Tokens

_BLOCK = 64  # items whose chances are drawn at once


@dataclass(frozen=True, slots=True)
class Sampling:
    """How lines are sampled.

    Attributes:
        copies: how often each line is written.
        temperature: of the choices; a low one keeps near the most probable line.
        seed: of the choices. The same window, type and seed give the same samples, whatever else is read with them.
        agreement: the share of the samples that has to be exceeded for a span to be found. From a half on, spans of one
            type never cross: any two are held by one sample.

    Raises:
        ConfigError: a value is out of its range.
    """

    copies: int
    temperature: float = 0.5
    seed: int = 0
    agreement: float = 0.5

    def __post_init__(self) -> None:
        if self.copies < 1:
            raise ConfigError(f"{self.copies} copies of a line cannot be sampled", mend="ask for at least one")
        if self.temperature <= 0.0:
            raise ConfigError(
                f"the temperature {self.temperature} is not above 0", mend="give one above 0, or decode without samples"
            )
        if not 0.0 <= self.agreement < 1.0:
            raise ConfigError(
                f"the agreement {self.agreement} is not from 0 to below 1", mend="give a share, such as 0.5"
            )

    def chances(self, source: Tokens, header: Tokens) -> Chances:
        """What decides the choices in one line, whatever they are."""
        return Chances(self, derive(self.seed, "sampling", repr(source), repr(header)))


class Chances:
    """Gumbel noise for each item of a line: the best of the log-probabilities with it is a sample of them."""

    def __init__(self, sampling: Sampling, seed: int) -> None:
        self._sampling = sampling
        self._random = np.random.Generator(np.random.Philox(key=seed))
        self._drawn: list[np.ndarray] = []

    def at(self, item: int, copies: tuple[int, ...]) -> np.ndarray:
        """The noise (copies, choices) of some copies at an item, times the temperature: so nothing is divided."""
        while item >= len(self._drawn) * _BLOCK:
            size = (_BLOCK, self._sampling.copies, len(CHOICES))
            self._drawn.append(self._random.gumbel(scale=self._sampling.temperature, size=size))
        noise: np.ndarray = self._drawn[item // _BLOCK][item % _BLOCK, list(copies)]
        return noise
