"""Checkpoints: the state of an interrupted training, written whole or not at all, and used by that training only."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from bioner.files import atomic_path
from bioner.progress import console

_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, UnpicklingError)  # what torch raises for a torn file


def write_checkpoint(path: Path, identity: str, state: dict[str, Any]) -> None:
    """Write a state of tensors, numbers and texts.

    Args:
        identity: hash of everything the result of the training depends on.
    """
    with atomic_path(path) as aside:
        torch.save(state | {"identity": identity}, aside)


def read_checkpoint(path: Path, identity: str) -> dict[str, Any] | None:
    """The state that an interrupted training left, its tensors on the CPU.

    Returns:
        `None` if there is none, if it belongs to another training, or if it cannot be read, which is told.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        warning = f"the checkpoint {path} cannot be read, training starts anew: {reason}"
        console().print(warning, highlight=False, markup=False, soft_wrap=True)
        return None
    return state if state.get("identity") == identity else None


def random_state() -> dict[str, Tensor]:
    """The state of torch's generators: of the CPU, and of the GPU of this process once it is used."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def set_random_state(states: dict[str, Tensor]) -> None:
    """Go on drawing from a state of `random_state`."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])
