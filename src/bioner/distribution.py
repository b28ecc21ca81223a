"""The processes that train one model together: which one this is, and what it exchanges with the others.

Under `accelerate launch` every process takes its share of each batch, gradients are averaged, and the first process
alone writes. Under plain `python` there is one process, and accelerate is not imported.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import TYPE_CHECKING, Protocol, TypeVar

from bioner.errors import ConfigError
from bioner.seeds import derive

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

T = TypeVar("T")
_LAUNCHED = ("LOCAL_RANK", "ACCELERATE_MIXED_PRECISION")  # one of them is set by every launcher
_RANK = "RANK"


def first_process() -> bool:
    """Whether this process writes: files, checkpoints, MLflow. Without a launcher it is the only one."""
    return not launched() or int(os.environ.get(_RANK, "0")) == 0


def launched() -> bool:
    """Whether a launcher has started this process, even if alone."""
    return any(name in os.environ for name in _LAUNCHED)


class Team(Protocol):
    """The processes of one training, seen from one of them.

    Attributes:
        rank: number of this process, from 0.
        size: how many there are.
        sharded: whether each holds a piece of the weights only, from `prepare` to `part`.
    """

    rank: int
    size: int
    sharded: bool

    def prepare(self, objective: nn.Module, optimizer: Optimizer) -> nn.Module:
        """Bring a model to the device of this process, and let its gradients be averaged over all processes."""

    def apart(self, objective: nn.Module) -> AbstractContextManager[None]:
        """A block whose gradients are only added up here: the next backward pass outside of it averages them too."""

    def total(self, values: Sequence[float]) -> list[float]:
        """The sum over all processes of each value."""

    def shared(self, value: T) -> T:
        """The value of the first process, in all."""

    def collected(self, value: T) -> list[T]:
        """The values of all processes, by rank, in all."""

    def part(self) -> None:
        """End the exchange: each process goes its own way, and may end when it likes."""


class Alone:
    """A team of one."""

    rank = 0
    size = 1
    sharded = False

    def prepare(self, objective: nn.Module, _optimizer: Optimizer) -> nn.Module:
        """The model as it is, where it is."""
        return objective

    def apart(self, _objective: nn.Module) -> AbstractContextManager[None]:
        """There is nobody to wait for."""
        return nullcontext()

    def total(self, values: Sequence[float]) -> list[float]:
        """The values."""
        return list(values)

    def shared(self, value: T) -> T:
        """The value."""
        return value

    def collected(self, value: T) -> list[T]:
        """The value."""
        return [value]

    def part(self) -> None:
        """Nothing to end."""


class Launched:
    """The processes that `accelerate launch` started, on as many machines and devices as its file says.

    Raises:
        ConfigError: the file asks for a way of sharing that the training loop does not know.
    """

    def __init__(self) -> None:
        import torch
        from accelerate import Accelerator, DistributedDataParallelKwargs, DistributedType

        # an encoder may hold layers that the loss does not reach (BERT's pooler); buffers never change
        averaging = DistributedDataParallelKwargs(find_unused_parameters=True, broadcast_buffers=False)
        # the precision belongs to the params, which the result depends on, and not to the file of the launcher
        self._accelerator = Accelerator(
            cpu=not torch.accelerator.is_available(), mixed_precision="no", kwargs_handlers=[averaging]
        )
        self._home: tuple[nn.Module, nn.Module] | None = None
        kind = self._accelerator.distributed_type
        self.sharded: bool = kind == DistributedType.FSDP and self._accelerator.is_fsdp2
        if not self.sharded and kind not in (DistributedType.NO, DistributedType.MULTI_CPU, DistributedType.MULTI_GPU):
            mend = "launch it with a file of the folder launch/"
            raise ConfigError(f"training cannot be distributed as {kind.value}", mend=mend)
        self.rank: int = self._accelerator.process_index
        self.size: int = self._accelerator.num_processes

    def prepare(self, objective: nn.Module, optimizer: Optimizer) -> nn.Module:
        """The model, wrapped so that its backward pass averages the gradients; all begin with the first one's weights.

        Each process draws numbers of its own from here on, or all would drop the same units.
        """
        import torch

        if self.rank:
            torch.manual_seed(derive(torch.initial_seed(), "process", str(self.rank)))
        if self.sharded:
            model = objective.get_submodule("model")
            self._home = model, deepcopy(model)
        wrapped: nn.Module = self._accelerator.prepare(objective, optimizer)[0]
        return wrapped

    def apart(self, objective: nn.Module) -> AbstractContextManager[None]:
        """The block of `DistributedDataParallel.no_sync`, where that is what wraps the model."""
        block: AbstractContextManager[None] = self._accelerator.no_sync(objective)
        return block

    def total(self, values: Sequence[float]) -> list[float]:
        """One all-reduce."""
        import torch

        device = self._accelerator.device
        summed = self._accelerator.reduce(torch.tensor(values, dtype=torch.float64, device=device), "sum")
        return [float(value) for value in summed]

    def shared(self, value: T) -> T:
        """The value of the first process, pickled by it and for its own kind only."""
        from accelerate.utils import broadcast_object_list

        first: T = broadcast_object_list([value])[0]
        return first

    def collected(self, value: T) -> list[T]:
        """The values, pickled likewise."""
        from accelerate.utils import gather_object

        values: list[T] = gather_object([value])
        return values

    def part(self) -> None:
        """Put a model in pieces together, and end the process group, once all have come here."""
        if self._home:
            from bioner.sharding import bring_home

            bring_home(*self._home)
        self._accelerator.wait_for_everyone()
        # gloo's threads may still want the interpreter, which waits for them when it frees the group: a deadlock that
        # was seen here. Idle, at the end of the process, they want nothing.
        if self._accelerator.device.type != "cpu":
            self._accelerator.end_training()


def open_team() -> Team:
    """The team that this process belongs to."""
    return Launched() if launched() else Alone()
