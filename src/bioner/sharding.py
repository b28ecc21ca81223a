"""Weights that lie in pieces on several processes (FSDP): how they are put together, taken apart, and brought home.

Torch's FSDP2 (`torch.distributed.fsdp.fully_shard`) turns the parameters of a model into `DTensor`s, in place, and
hangs hooks on its modules. Whatever is not in pieces passes through these functions as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn


def whole(value: Any) -> Any:
    """Every tensor in a tree of mappings in one piece. All processes have to ask, for the same in the same order."""
    if isinstance(value, Mapping):
        return {key: whole(part) for key, part in value.items()}
    return value.full_tensor() if hasattr(value, "full_tensor") else value


def like(value: Tensor, parameter: Tensor) -> Tensor:
    """A whole tensor, cut and placed as a parameter is."""
    if not hasattr(parameter, "full_tensor"):
        return value
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(parameter, DTensor)  # noqa: S101 (for mypy)
    return distribute_tensor(value.to(parameter.device), parameter.device_mesh, parameter.placements)


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that are learnt, by name."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def set_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Give parameters new values, in place."""
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in weights.items():
            parameters[name].copy_(like(value, parameters[name]))


def set_optimizer_state(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    """Give an optimizer the state that another of the same parameters had, its tensors whole."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    cut = {
        number: {
            name: like(value, parameters[number])
            if getattr(value, "shape", None) == parameters[number].shape
            else value
            for name, value in values.items()
        }
        for number, values in state["state"].items()
    }
    optimizer.load_state_dict({**state, "state": cut})


def bring_home(model: nn.Module, plain: nn.Module) -> None:
    """Replace the insides of a model in pieces by those of a copy from before, with the weights learnt since."""
    weights = {name: whole(p.detach()) for name, p in model.named_parameters()}
    vars(model).clear()
    vars(model).update(vars(plain))
    set_weights(model, weights)
