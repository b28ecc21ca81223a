"""A batch of answers while they are written: each in its own grammar, with its own limit and its own chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from llguidance import LLMatcher


@dataclass(slots=True)
class Row:
    """One answer while it is written.

    Attributes:
        matcher: where it stands in its grammar.
        limit: most tokens.
        temperature: 0 takes the most probable token.
        noise: of the sampling; a generator of its own, so that the rest of the batch changes nothing.
        tokens: what was written.
    """

    matcher: LLMatcher
    limit: int
    temperature: float
    noise: torch.Generator
    tokens: list[int] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether the answer meets its schema and can go no further."""
        return self.matcher.is_stopped() and not self.matcher.is_error()

    @property
    def ended(self) -> bool:
        """Whether nothing more is written: the answer is complete, cut off, or beyond what the grammar can follow."""
        return self.matcher.is_stopped() or len(self.tokens) >= self.limit

    def take(self, token: int) -> None:
        """Go on by a token; what comes after the end is padding."""
        if not self.ended:
            self.tokens.append(token)
            self.matcher.consume_token(token)

    def allowed(self, width: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """1 for each token that may come next; any may after the end."""
        if self.ended:
            return np.ones(width, np.uint8)
        mask = np.frombuffer(self.matcher.compute_bitmask(), np.uint8)
        return np.unpackbits(mask, bitorder="little")[:width]

    def sampled(self, scores: Tensor) -> Tensor:
        """Scores whose highest is a sample.

        The Gumbel-max trick (Gumbel 1954): the highest of logits with independent Gumbel noise is distributed as their
        softmax, and minus the logarithm of exponential noise is Gumbel noise.
        """
        if not self.temperature or self.ended:
            return scores
        noise = torch.empty(scores.shape).exponential_(generator=self.noise).log().to(scores.device)
        return scores / self.temperature - noise


class Constrain:
    """Leaves each row the tokens that its grammar allows, and samples where that is asked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # noqa: ARG002
        """The scores of the next tokens (see `transformers`); the highest is taken."""
        allowed = torch.from_numpy(np.stack([row.allowed(scores.shape[1]) for row in self._rows])).to(scores.device)
        sampled = torch.stack([row.sampled(line.float()) for row, line in zip(self._rows, scores, strict=True)])
        return sampled.masked_fill(allowed == 0, -torch.inf)


class Ended:
    """Tells each row its new token, and `transformers` which rows have ended."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: Tensor, scores: Any, **kwargs: Any) -> Tensor:  # noqa: ARG002
        """Whether each row has ended."""
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            row.take(token)
        return torch.tensor([row.ended for row in self._rows], device=input_ids.device)
