"""Layers with fixed weights on a CPU: in oneDNN's own layout of weights, from which its products are faster than MKL's.

With AVX-512 a product takes about a seventh less time, and one with its GELU up to a quarter; with AVX2 packed weights
alone had won nothing (docs/gliner_speed.md). The operators are those that torch's compiler puts in (`torch._inductor`,
freezing). Where this torch has none, and in training, whose weights change with each step, torch's usual ones are used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional

Then = Literal["none", "relu", "gelu"]
_Part = tuple[int, int]  # columns of a weight: of inputs, from and to
_OPERATOR = "_linear_pointwise"  # of `torch.ops.mkldnn`
_EXACT = {"gelu": "none"}  # what the operator is told of a function besides its name

_USUAL: dict[Then, Callable[[Tensor], Tensor]] = {"none": lambda x: x, "relu": torch.relu, "gelu": functional.gelu}

_packed: WeakKeyDictionary[nn.Linear, dict[_Part, tuple[tuple[int, int], Tensor]]] = WeakKeyDictionary()


def linear(layer: nn.Linear, inputs: Tensor, then: Then = "none", part: _Part | None = None) -> Tensor:
    """A layer's product, and what follows it.

    Args:
        inputs: (rows, width).
        then: a function of each number of the result; `gelu` is the exact one.
        part: the columns of the weight, from and to, that these inputs are for; the bias belongs to the first part.
    """
    begin, end = part or (0, layer.in_features)
    bias = layer.bias if begin == 0 else None
    if _packs(inputs):
        weight = _in_layout(layer, (begin, end))
        made: Tensor = torch.ops.mkldnn._linear_pointwise(inputs, weight, bias, then, [], _EXACT.get(then, ""))
        return made
    product = functional.linear(inputs, layer.weight[:, begin:end], bias)
    return _USUAL[then](product)


def perceptron(layers: nn.Sequential, inputs: Tensor, then: Then = "none") -> Tensor:
    """Two layers with a ReLU, and a dropout, between them: what `gliner` projects words with."""
    first, _, dropout, last = cast("tuple[nn.Linear, nn.ReLU, nn.Dropout, nn.Linear]", layers)
    return linear(last, dropout(linear(first, inputs, "relu")), then)


def _packs(inputs: Tensor) -> bool:
    return (
        not torch.is_grad_enabled()
        and inputs.device.type == "cpu"
        and inputs.dtype is torch.float32
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and hasattr(torch.ops.mkldnn, _OPERATOR)
    )


def _in_layout(layer: nn.Linear, part: _Part) -> Tensor:
    """The weight in oneDNN's layout, made anew where it has changed since."""
    weight = layer.weight
    state = (-1 if weight.is_inference() else weight._version, weight.data_ptr())
    parts = _packed.setdefault(layer, {})
    if part not in parts or parts[part][0] != state:
        columns = weight.detach()[:, slice(*part)].contiguous()
        parts[part] = state, torch.ops.mkldnn._reorder_linear_weight(columns)
    return parts[part][1]
