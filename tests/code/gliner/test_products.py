"""Products in oneDNN's layout are the usual ones, and follow weights that change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from bioner.gliner.products import Then, linear, perceptron

FOLLOWING: dict[Then, Callable[[torch.Tensor], torch.Tensor]] = {
    "none": lambda x: x,
    "relu": torch.relu,
    "gelu": functional.gelu,
}


@settings(deadline=None)
@given(
    st.tuples(st.integers(0, 40), st.integers(1, 40), st.integers(1, 40)),
    st.booleans(),
    st.sampled_from([*FOLLOWING]),
    st.booleans(),
)
def test_a_product_is_the_usual_one(sizes: tuple[int, int, int], bias: bool, then: Then, learning: bool) -> None:
    rows, width, size = sizes
    layer, inputs = nn.Linear(width, size, bias=bias), torch.randn(rows, width)
    with torch.set_grad_enabled(learning):
        found = linear(layer, inputs, then)
    assert found.requires_grad == learning
    torch.testing.assert_close(found, FOLLOWING[then](layer(inputs)))


@torch.inference_mode()
def test_parts_of_a_layer_add_up_to_it() -> None:
    layer, inputs = nn.Linear(7, 5), torch.randn(3, 7)
    parts = (linear(layer, inputs[:, begin:end], part=(begin, end)) for begin, end in ((0, 4), (4, 7)))
    torch.testing.assert_close(sum(parts), layer(inputs))


@pytest.mark.parametrize("how", ["a step", "loaded", "replaced"])
def test_new_weights_are_noticed(how: str) -> None:
    layer, other, inputs = nn.Linear(4, 3), nn.Linear(4, 3), torch.randn(2, 4)
    with torch.no_grad():
        linear(layer, inputs)
    if how == "a step":
        layer(inputs).sum().backward()
        torch.optim.SGD(layer.parameters(), lr=1.0).step()
    elif how == "loaded":
        layer.load_state_dict(other.state_dict())
    else:
        layer.weight = other.weight
    with torch.inference_mode():
        torch.testing.assert_close(linear(layer, inputs), layer(inputs))


def test_a_model_of_inference_alone_can_be_read() -> None:
    with torch.inference_mode():
        layer, inputs = nn.Linear(4, 3), torch.randn(2, 4)
        torch.testing.assert_close(linear(layer, inputs), layer(inputs))


@torch.inference_mode()
def test_a_perceptron_is_the_usual_one() -> None:
    layers = nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Dropout(0.0), nn.Linear(9, 5))
    inputs = torch.randn(6, 4)
    torch.testing.assert_close(perceptron(layers, inputs, "relu"), layers(inputs).relu())
