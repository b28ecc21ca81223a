"""The two losses of the tagger: on the symbol decisions only, or on every token of the copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from bioner.tagger.examples import Line
from bioner.tagger.network import Network
from bioner.tagger.packed import Pass, Slots

Loss = Literal["decisions", "copy"]
_FORBIDDEN = -1e9  # logit of a choice that the rules do not allow


@dataclass(frozen=True, slots=True)
class Choices:
    """Free choices after some tokens of a pass.

    Attributes:
        at: (n,) index of the token in the pass.
        tokens: (n, c) token of each choice.
        allowed: (n, c) which choices the rules allow.
    """

    at: Tensor
    tokens: Tensor
    allowed: Tensor

    def log_probabilities(self, network: Network, states: Tensor) -> Tensor:
        """Log-probability (n, c) of each choice among those allowed, given the states of the whole pass."""
        logits = network.choice_logits(states[self.at], self.tokens)
        return logits.masked_fill(~self.allowed, _FORBIDDEN).log_softmax(-1)


@dataclass(frozen=True, slots=True)
class DecisionBatch:
    """A pass, and the right choice at each decision of its lines.

    The loss is divided by `lines`: how many there are or, in a part of a step, would be if all windows had as many.
    """

    packed: Pass
    choices: Choices
    targets: Tensor
    lines: float

    def loss(self, network: Network) -> Tensor:
        """Cross-entropy over the allowed choices: summed over the decisions, for each line."""
        scores = self.choices.log_probabilities(network, network.states(self.packed))
        return functional.nll_loss(scores, self.targets, reduction="sum") / self.lines


@dataclass(frozen=True, slots=True)
class CopyBatch:
    """A pass, and the token that follows each token of its lines.

    The loss is divided by `lines`: how many there are or, in a part of a step, would be if all windows had as many.
    """

    packed: Pass
    at: Tensor
    targets: Tensor
    lines: float

    def loss(self, network: Network) -> Tensor:
        """Cross-entropy over the vocabulary: summed over the tokens of the answers, for each line."""
        logits = network.all_logits(network.states(self.packed)[self.at])
        return functional.cross_entropy(logits, self.targets, reduction="sum") / self.lines


def decision_batch(
    packed: Pass, lines: Sequence[tuple[Slots, Line]], symbols: Sequence[int], share: float, device: torch.device
) -> DecisionBatch:
    """The batch of lines, whose tokens lie at the given indices of the pass; `symbols` as in `CHOICES[1:]`.

    Args:
        share: what the loss is divided by.
    """
    taken = [(slots[d.after], d) for slots, line in lines for d in line.decisions]
    choices = Choices(
        torch.tensor([at for at, _ in taken], device=device),
        torch.tensor([(d.word, *symbols) for _, d in taken], device=device),
        torch.tensor([d.allowed for _, d in taken], device=device),
    )
    return DecisionBatch(packed, choices, torch.tensor([d.chosen for _, d in taken], device=device), share)


def copy_batch(
    packed: Pass, lines: Sequence[tuple[Slots, Line]], end: int, share: float, device: torch.device
) -> CopyBatch:
    """The batch of lines, whose tokens lie at the given indices of the pass; `end` is the token that ends a line.

    Args:
        share: what the loss is divided by.
    """
    taken = [
        (at, token)
        for slots, line in lines
        for at, token in zip(slots[line.header - 1 :], (*line.tokens[line.header :], end), strict=True)
    ]
    at, targets = (torch.tensor(column, device=device) for column in zip(*taken, strict=True))
    return CopyBatch(packed, at, targets, share)
