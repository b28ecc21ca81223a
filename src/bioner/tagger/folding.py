"""An adapter added into the weights it changes while a pass runs: the same function at half the matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


class Folded:
    """Plain layers in place of the adapted ones of a model, with the adapter in use when this was made.

    Only full-precision weights are folded: half precision would round the adapter away, and quantised ones have no
    room for it. What cannot be folded is left as it is. The folded weights are a copy of those of the adapted layers.
    """

    def __init__(self, model: nn.Module) -> None:
        from peft.tuners.lora import Linear

        self._places = [
            (parent, name, layer, _plain(layer))
            for parent in model.modules()
            for name, layer in parent.named_children()
            if isinstance(layer, Linear) and type(layer.base_layer) is nn.Linear and layer.weight.dtype == torch.float32
        ]

    @contextmanager
    def used(self) -> Iterator[None]:
        """While this lasts, the model has the folded layers; after it the adapters, as they were to the bit."""
        for parent, name, _, plain in self._places:
            setattr(parent, name, plain)
        try:
            yield
        finally:
            for parent, name, adapted, _ in self._places:
                setattr(parent, name, adapted)


@torch.no_grad()
def _plain(layer: nn.Module) -> nn.Linear:
    """A linear layer that gives what an adapted one gives."""
    base: nn.Linear = layer.base_layer  # type: ignore[assignment]
    weight = base.weight + sum(layer.get_delta_weight(name) for name in layer.active_adapters)  # type: ignore
    plain = nn.Linear(base.in_features, base.out_features, bias=False, device="meta")
    plain.weight = nn.Parameter(weight, requires_grad=False)
    plain.bias = base.bias
    return plain
