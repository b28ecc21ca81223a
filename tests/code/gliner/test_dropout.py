"""Cheap dropout drops what dropout drops, in modules and within attention, and only for the time of a training."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from bioner.gliner.dropout import ByteDropout, cheap_dropout, dropped
from bioner.gliner.model import Gliner


def test_a_share_is_lost_and_the_mean_stays() -> None:
    torch.manual_seed(1)
    found = dropped(torch.ones(1000, 303), 0.5)
    assert set(found.unique().tolist()) == {0.0, 2.0}
    assert abs((found == 0).float().mean().item() - 0.5) < 0.005
    assert abs(found.mean().item() - 1.0) < 0.005
    columns = (found == 0).float().mean(0)  # each byte of the random words is used alike
    assert columns.min().item() > 0.4
    assert columns.max().item() < 0.6


def test_nothing_is_lost_without_a_share_or_out_of_training() -> None:
    values = torch.ones(10, 10)
    assert torch.equal(dropped(values, 0.0), values)
    assert torch.equal(ByteDropout(0.5).eval()(values), values)


def _outputs(tiny: Gliner, passes: int) -> torch.Tensor:
    encoder = tiny.network.token_rep_layer.bert_layer.model
    ids = torch.randint(1000, 2000, (2, 12), generator=torch.Generator().manual_seed(3))
    mask = torch.tensor([[1] * 12, [1] * 7 + [0] * 5])
    with torch.no_grad():
        return torch.stack([encoder(ids, mask).last_hidden_state for _ in range(passes)])


@pytest.mark.slow
def test_the_network_sees_the_same_on_average_and_the_same_in_evaluation(tiny: Gliner) -> None:
    tiny.network.eval()
    expected = _outputs(tiny, 1)
    tiny.network.train()
    torch.manual_seed(1)
    usual = _outputs(tiny, 400)
    with cheap_dropout(tiny.network):
        assert not [m for m in tiny.network.modules() if isinstance(m, nn.Dropout)]
        torch.manual_seed(1)
        cheap = _outputs(tiny, 400)
        tiny.network.eval()
        assert torch.allclose(_outputs(tiny, 1), expected, atol=1e-5)
        tiny.network.train()
    error = usual.std(0) / 20  # of a mean of 400
    assert ((usual.mean(0) - cheap.mean(0)).abs() > 6 * error).float().mean() < 0.01
    assert abs(usual.std(0).mean() - cheap.std(0).mean()) < 0.05 * usual.std(0).mean()


def test_the_network_is_as_before_afterwards(tiny: Gliner) -> None:
    before = [(name, type(module)) for name, module in tiny.network.named_modules()]
    with cheap_dropout(tiny.network):
        tiny.network.train()
    assert [(name, type(module)) for name, module in tiny.network.named_modules()] == before
    assert all(module.training for module in tiny.network.modules())
    assert tiny.network.token_rep_layer.bert_layer.model.config._attn_implementation == "sdpa"
