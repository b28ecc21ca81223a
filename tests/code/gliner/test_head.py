"""The factorised head is the published one: same logits, same gradients, on the spans that exist."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bioner.gliner.head import _dropped, span_logits
from bioner.gliner.inputs import Batch, Row, make_batch


def _batch(tiny: Any) -> Batch:
    words = tiny.encoding.words([["acute", "asthma", "attack", "treated"], ["HER2", "positive"]])
    prompts = tiny.encoding.prompts(["disease", "gene or protein", "drug"])
    return make_batch([Row(prompts, words[0], [4]), Row(prompts, words[1], [2])], tiny.encoding, 6)


def _stock(network: Any, batch: Batch) -> list[Tensor]:
    from gliner.data_processing.utils import prepare_span_idx

    longest, width = max(batch.lengths), network.config.max_width
    spans = prepare_span_idx(longest, width)[None].repeat(len(batch.lengths), 1, 1)
    mask = spans[..., 1] < torch.tensor(batch.lengths)[:, None]
    scores = network(
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        words_mask=batch.words_mask,
        text_lengths=torch.tensor(batch.lengths)[:, None],
        span_idx=spans,
        span_mask=mask,
    ).logits
    first, last, row = (torch.from_numpy(a) for a in (batch.spans.first, batch.spans.last, batch.spans.row))
    return list(torch.split(scores[row, first, last - first], batch.spans.counts))


def test_logits_and_gradients_are_those_of_stock_gliner(tiny) -> None:
    network, batch = tiny.network.eval(), _batch(tiny)
    gradients = []
    results = [span_logits(network, batch), _stock(network, batch)]
    for logits in results:
        network.zero_grad()
        torch.cat(logits).square().sum().backward(retain_graph=True)
        gradients.append({name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None})
    for ours, stock in zip(*results, strict=True):
        torch.testing.assert_close(ours, stock, atol=1e-4, rtol=1e-4)
    assert gradients[0].keys() == gradients[1].keys()
    for name, expected in gradients[1].items():
        scale = expected.abs().max().item() + 1e-3
        assert (gradients[0][name] - expected).abs().max().item() <= 1e-3 * scale, name


def test_dropout_loses_its_share_and_keeps_the_mean() -> None:
    torch.manual_seed(1)
    dropped = _dropped(torch.ones(1000, 303), 0.5)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert abs((dropped == 0).float().mean().item() - 0.5) < 0.005
    assert abs(dropped.mean().item() - 1.0) < 0.005
    columns = (dropped == 0).float().mean(0)  # each byte of the random words is used alike
    assert columns.min().item() > 0.4
    assert columns.max().item() < 0.6
