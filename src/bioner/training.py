"""The one training loop: resumable to the same weights, with a warm-up and linear decay of the learning rate.

The loop owns nothing about entities: it is given a batch for each step and a loss for each batch. The batch must be
a function of the step alone (derive it from the seed), so that an interrupted training goes on as it would have.
However many micro-batches and processes share a batch, they compute the update of the whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn

from bioner.checkpoints import random_state, read_checkpoint, set_random_state, write_checkpoint
from bioner.distribution import Team, open_team
from bioner.errors import ConfigError
from bioner.progress import console, track
from bioner.sharding import set_optimizer_state, set_weights, trainable, whole
from bioner.stopping import Best, Stopping

Item = TypeVar("Item")
Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train, and how to be interrupted.

    Attributes:
        steps: number of updates.
        warmup: share of the steps in which the learning rate rises from zero.
        checkpoint: file that an interrupted training resumes from; removed at the end.
        identity: hash of everything the result depends on; a checkpoint of another identity is not used.
        clip: largest norm of the gradient.
        accumulate: micro-batches that the batch of an update is computed in, one after the other.
        precision: of the forward pass; weights, gradients and the optimizer are fp32 in any case.
        checkpoint_every: seconds between two checkpoints.
    """

    steps: int
    warmup: float
    checkpoint: Path
    identity: str
    clip: float = 1.0
    accumulate: int = 1
    precision: Precision = "fp32"
    checkpoint_every: float = 30.0


@dataclass(frozen=True, slots=True)
class Point:
    """One step of the training curve.

    Attributes:
        step: its number, from 0.
        loss: mean over the batch.
        learning_rate: of the first group.
        score: what `Stopping.evaluate` gave after the step, if it was asked.
        throughput: examples a second in this step; no part of the result, and not compared.
    """

    step: int
    loss: float
    learning_rate: float
    score: float | None = None
    throughput: float = field(default=0.0, compare=False)


def rate_at(step: int, plan: Plan) -> float:
    """Factor of the learning rate at a step (from 0): linear warm-up, then linear decay to zero."""
    rise = max(1, round(plan.warmup * plan.steps))
    if step < rise:
        return (step + 1) / rise
    return max(0.0, (plan.steps - step) / max(1, plan.steps - rise))


def train(
    model: nn.Module,
    groups: Sequence[dict[str, Any]],
    batch_at: Callable[[int], Sequence[Item]],
    loss_of: Callable[[Sequence[Item]], Tensor],
    plan: Plan,
    *,
    description: str,
    on_step: Callable[[Point], None] = lambda _point: None,
    stopping: Stopping | None = None,
) -> list[Point]:
    """Train `model` in place with AdamW and return the curve.

    Args:
        groups: parameter groups with their peak learning rates (`{"params": [...], "lr": 1e-3}`).
        batch_at: the batch of a step, from 0; a pure function.
        loss_of: the loss of a batch, or of a part of one: a scalar, the mean over the examples.
        on_step: called after each step, for live metrics; after a resume also for the steps already done.
        stopping: evaluates the model now and then; the best weights are those that the model has in the end.

    Raises:
        ConfigError: this way to stop does not go with the way that processes share the model.
    """
    team = open_team()
    if stopping and team.sharded:
        raise ConfigError("a model in pieces (FSDP) is not evaluated on the way", mend="set `early_stopping` to null")
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    peaks = [group["lr"] for group in optimizer.param_groups]
    objective = team.prepare(_Objective(model, loss_of, plan.precision), optimizer)
    course = _Course(model, optimizer, plan, team)
    course.resume()
    curve, best = course.curve, course.best
    for point in curve:
        on_step(point)
    model.train()
    saved = time.monotonic()
    steps = range(len(curve), plan.steps)
    for step in track(steps, description, plan.steps, len(curve)) if team.rank == 0 else steps:
        began = time.monotonic()
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * rate_at(step, plan)
        batch = batch_at(step)
        loss = _update(objective, optimizer, batch, plan, team)
        now = time.monotonic()
        loss, due = team.total([loss, float(team.rank == 0 and now - saved >= plan.checkpoint_every)])
        point = Point(step, loss, optimizer.param_groups[0]["lr"], throughput=len(batch) / max(now - began, 1e-9))
        if stopping and stopping.due(step, plan.steps):
            point = replace(point, score=course.score(stopping))
        curve.append(point)
        on_step(point)
        if stopping and best.waiting >= stopping.patience:
            break
        if due and step + 1 < plan.steps:
            course.save()
            saved = time.monotonic()
    team.part()
    if best.weights is not None:
        set_weights(model, best.weights)
    model.eval()
    return curve


class _Objective(nn.Module):
    """The loss as a module: what wraps a model in order to average its gradients wants to be called for the loss."""

    def __init__(self, model: nn.Module, loss_of: Callable[[Any], Tensor], precision: Precision) -> None:
        super().__init__()
        self.model = model
        self._loss_of = loss_of
        self._half = precision == "bf16"

    def forward(self, examples: Any) -> Tensor:
        """The loss of some examples; they are not tensors yet, and `loss_of` knows how to make them so."""
        device = next(self.model.parameters()).device.type
        with torch.autocast(device, torch.bfloat16) if self._half else nullcontext():
            return self._loss_of(examples)


def _update(
    objective: nn.Module, optimizer: torch.optim.Optimizer, batch: Sequence[Any], plan: Plan, team: Team
) -> float:
    """Take one step on a batch, and return this process's share of its loss."""
    loss = _gradients(objective, batch, plan.accumulate, team)
    nn.utils.clip_grad_norm_(list(trainable(objective).values()), plan.clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss


def _gradients(objective: nn.Module, batch: Sequence[Any], accumulate: int, team: Team) -> float:
    """Compute the gradients of a batch, of which this process does its share, and return its share of the loss.

    Every example has the same weight, wherever it is computed. A process without any takes part with a weight of zero.
    """
    parts = team.size * accumulate
    own = [batch[part::parts] for part in range(team.rank * accumulate, (team.rank + 1) * accumulate)]
    shares = [(part, len(part) / len(batch)) for part in own if len(part)] or [(batch[:1], 0.0)]
    total = 0.0
    for number, (part, weight) in enumerate(shares, 1):
        with team.apart(objective) if number < len(shares) else nullcontext():
            loss = objective(part) * weight
            torch.autograd.backward(loss * team.size)  # the team takes the mean over its processes
        total += loss.item()
    return total


@dataclass(slots=True)
class _Course:
    """How far a training has come, on every process of the team alike."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    plan: Plan
    team: Team
    curve: list[Point] = field(default_factory=list)
    best: Best = field(default_factory=Best)

    def score(self, stopping: Stopping) -> float:
        """Evaluate. The score of the first process holds for all: a last digit that differs must not part them."""
        self.model.eval()
        score = self.team.shared(stopping.evaluate())
        self.best.see(score, self.model)
        self.model.train()
        return score

    def save(self) -> None:
        """Write where the training is, unless another process does."""
        state = {
            "model": whole({name: p.detach() for name, p in trainable(self.model).items()}),
            "optimizer": whole(self.optimizer.state_dict()),
            "random": self.team.collected(random_state()),
            "curve": [astuple(point) for point in self.curve],
            "best": self.best.to_record(),
        }
        if self.team.rank == 0:
            write_checkpoint(self.plan.checkpoint, self.plan.identity, state)

    def resume(self) -> None:
        """Go on where an interrupted training of the same identity, on as many processes, was saved last."""
        plan, team = self.plan, self.team
        state = team.shared(read_checkpoint(plan.checkpoint, plan.identity) if team.rank == 0 else None)
        if state is None:
            return
        if len(state["random"]) != team.size:
            if team.rank == 0:
                console().print(f"{plan.checkpoint} is of {len(state['random'])} processes, training starts anew")
            return
        set_weights(self.model, state["model"])
        set_optimizer_state(self.optimizer, state["optimizer"])
        set_random_state(state["random"][team.rank])
        self.curve = [Point(*values) for values in state["curve"]]
        self.best = Best(**state["best"])


def forget(plan: Plan) -> None:
    """Remove the checkpoint once the result is safely written."""
    plan.checkpoint.unlink(missing_ok=True)
