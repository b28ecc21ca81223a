"""A folded adapter computes what the adapter does, and leaves no trace."""

from __future__ import annotations

import torch

from bioner.tagger.folding import Folded
from bioner.tagger.model import SELECTOR, TAGGER, TaggerModel, add_selector
from bioner.tagger.network import Lora
from bioner.tagger.packed import Rows


def states(model: TaggerModel) -> torch.Tensor:
    rows = Rows()
    rows.add(range(10, 60))
    return model.network.states(rows.build(torch.device("cpu")))


@torch.inference_mode()
def test_a_folded_adapter_is_the_adapter(tiny: TaggerModel) -> None:
    before = states(tiny)
    with Folded(tiny.network.model).used():
        torch.testing.assert_close(states(tiny), before, atol=1e-4, rtol=1e-4)
        assert not any("lora" in name for name, _ in tiny.network.model.named_parameters())
    assert torch.equal(states(tiny), before)


@torch.inference_mode()
def test_the_adapter_is_the_one_that_was_in_use(tiny: TaggerModel) -> None:
    before = states(tiny)
    folded = Folded(tiny.network.model)
    add_selector(tiny, Lora(4, 8, 0.0, 2))
    for parameter in tiny.network.trainable():
        parameter.zero_()
    tiny.network.use(SELECTOR)
    with folded.used():
        torch.testing.assert_close(states(tiny), before, atol=1e-4, rtol=1e-4)
    assert (states(tiny) - before).abs().max() > 0.01
    tiny.network.use(TAGGER)


@torch.inference_mode()
def test_half_precision_is_not_folded(tiny: TaggerModel) -> None:
    tiny.network.model.bfloat16()
    with Folded(tiny.network.model).used():
        assert any("lora" in name for name, _ in tiny.network.model.named_parameters())
