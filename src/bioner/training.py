"""The one training loop: resumable to the same weights, with a warm-up and linear decay of the learning rate.

The loop owns nothing about entities: it is given a batch for each step and a loss for each batch. The batch must be
a function of the step alone (derive it from the seed), so that an interrupted training goes on as it would have.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from bioner.files import atomic_path
from bioner.progress import console, track

Batch = TypeVar("Batch")
CHECKPOINT_SECONDS = 30.0
_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, UnpicklingError)  # what torch raises for a torn file


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train, and how to be interrupted.

    Attributes:
        steps: number of updates.
        warmup: share of the steps in which the learning rate rises from zero.
        clip: largest norm of the gradient.
        checkpoint: file that an interrupted training resumes from; removed at the end.
        identity: hash of everything the result depends on; a checkpoint of another identity is not used.
    """

    steps: int
    warmup: float
    checkpoint: Path
    identity: str
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class Point:
    """One step of the training curve."""

    step: int
    loss: float
    learning_rate: float


def rate_at(step: int, plan: Plan) -> float:
    """Factor of the learning rate at a step (from 0): linear warm-up, then linear decay to zero."""
    rise = max(1, round(plan.warmup * plan.steps))
    if step < rise:
        return (step + 1) / rise
    return max(0.0, (plan.steps - step) / max(1, plan.steps - rise))


def train(
    model: nn.Module,
    groups: Sequence[dict[str, Any]],
    batch_at: Callable[[int], Batch],
    loss_of: Callable[[Batch], Tensor],
    plan: Plan,
    *,
    description: str,
    on_step: Callable[[Point], None] = lambda _point: None,
) -> list[Point]:
    """Train `model` in place with AdamW and return the curve.

    Args:
        groups: parameter groups with their peak learning rates (`{"params": [...], "lr": 1e-3}`).
        batch_at: the batch of a step, from 0; a pure function.
        loss_of: the loss of a batch, a scalar.
        on_step: called after each step, for live metrics; after a resume also for the steps already done.
    """
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    peaks = [group["lr"] for group in optimizer.param_groups]
    curve = _resume(model, optimizer, plan)
    for point in curve:
        on_step(point)
    model.train()
    saved = time.monotonic()
    for step in track(range(len(curve), plan.steps), description, plan.steps, len(curve)):
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * rate_at(step, plan)
        loss = loss_of(batch_at(step))
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(list(_trainable_parameters(model)), plan.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        curve.append(Point(step, loss.item(), optimizer.param_groups[0]["lr"]))
        on_step(curve[-1])
        if time.monotonic() - saved > CHECKPOINT_SECONDS and step + 1 < plan.steps:
            _save(model, optimizer, curve, plan)
            saved = time.monotonic()
    model.eval()
    return curve


def _trainable_parameters(model: nn.Module) -> Iterator[nn.Parameter]:
    return (p for p in model.parameters() if p.requires_grad)


def _save(model: nn.Module, optimizer: torch.optim.Optimizer, curve: list[Point], plan: Plan) -> None:
    state = {
        "identity": plan.identity,
        "model": {name: p.detach() for name, p in model.named_parameters() if p.requires_grad},
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "curve": [(p.step, p.loss, p.learning_rate) for p in curve],
    }
    with atomic_path(plan.checkpoint) as aside:
        torch.save(state, aside)


def _load(plan: Plan) -> dict[str, Any] | None:
    """The state that an interrupted training left; `None` if there is none, or none that can be used."""
    if not plan.checkpoint.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(plan.checkpoint, weights_only=True)
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        warning = f"the checkpoint {plan.checkpoint} cannot be read, training starts anew: {reason}"
        console().print(warning, highlight=False, markup=False, soft_wrap=True)
        return None
    return state if state["identity"] == plan.identity else None


def _resume(model: nn.Module, optimizer: torch.optim.Optimizer, plan: Plan) -> list[Point]:
    state = _load(plan)
    if state is None:
        return []
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in state["model"].items():
            parameters[name].copy_(value)
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    return [Point(*values) for values in state["curve"]]


def forget(plan: Plan) -> None:
    """Remove the checkpoint once the result is safely written."""
    plan.checkpoint.unlink(missing_ok=True)
