"""Early stopping: the weights that did best on documents apart, and when it is time to give up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from bioner.sharding import trainable


@dataclass(frozen=True, slots=True)
class Stopping:
    """When a training ends before its last step.

    Attributes:
        evaluate: the score of the model as it is, the higher the better; it must change nothing.
        every: number of updates between two evaluations; the last update is followed by one in any case.
        patience: evaluations in a row without a better score after which the training ends.
    """

    evaluate: Callable[[], float]
    every: int
    patience: int

    def due(self, step: int, steps: int) -> bool:
        """Whether the model is evaluated after a step (from 0)."""
        return (step + 1) % self.every == 0 or step + 1 == steps


@dataclass(slots=True)
class Best:
    """The best model so far.

    Attributes:
        score: what it reached; `None` before the first evaluation.
        waiting: evaluations since.
        weights: its trainable parameters, on the CPU.
    """

    score: float | None = None
    waiting: int = 0
    weights: Mapping[str, Tensor] | None = None

    def see(self, score: float, model: nn.Module) -> None:
        """Take note of an evaluation; of equal scores the first counts."""
        if self.score is None or score > self.score:
            self.score, self.waiting = score, 0
            self.weights = {name: p.detach().to("cpu", copy=True) for name, p in trainable(model).items()}
        else:
            self.waiting += 1

    def to_record(self) -> dict[str, Any]:
        """What a checkpoint holds; `Best(**record)` is its inverse."""
        return {"score": self.score, "waiting": self.waiting, "weights": self.weights}
