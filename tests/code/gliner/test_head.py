"""The heads are the published ones: same logits, same loss and gradients, on the spans and words that exist."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from bioner.config import Variant
from bioner.gliner.backbone import open_base
from bioner.gliner.head import batch_loss, span_logits
from bioner.gliner.inputs import Batch, Row, enumerate_spans, make_batch
from bioner.gliner.model import Gliner
from bioner.gliner.representation import LabelCache, represent
from bioner.gliner.span_head import Factors, score_spans
from bioner.gliner.token_head import word_logits
from bioner.seeds import seed_torch

KINDS = [(labels, head) for labels in (False, True) for head in ("span", "token")]


@pytest.fixture(params=KINDS, ids=lambda kind: f"{'bi' if kind[0] else 'uni'}-{kind[1]}")
def model(request: pytest.FixtureRequest, variant: Variant) -> Gliner:
    """A tiny model of each of the four kinds."""
    seed_torch(7, 1)
    labels = variant.encoder if request.param[0] else None
    made = open_base(variant.model_copy(update={"labels_encoder": labels, "head": request.param[1]}))
    made.network.eval()
    return made


def _batch(model: Gliner) -> Batch:
    texts = [["acute", "asthma", "attack", "treated", "with", "oral", "steroids"], ["HER2", "positive"]]
    words = model.encoding.words(texts)
    prompts = model.encoding.prompts(["disease", "gene or protein", "drug"])
    rows = [Row(prompts, words[0], [7], [(1, 2, 0), (6, 6, 2)]), Row(prompts[1:], words[1], [2], [(0, 0, 0)])]
    return make_batch(rows, model.encoding, 6)


def _stock(model: Gliner, batch: Batch, labels: Tensor) -> Any:
    """What stock `gliner` returns for a batch; `labels` are in its own shape."""
    from gliner.data_processing.utils import prepare_span_idx

    longest, width = max(batch.lengths), model.network.config.max_width
    spans = prepare_span_idx(longest, width)[None].repeat(len(batch.lengths), 1, 1)
    more = {}
    if not model.encoding.prompted:
        names = [prompt for row in batch.prompts for prompt in row]
        size = max(map(len, names))
        more["labels_input_ids"] = torch.tensor([[*n, *[0] * (size - len(n))] for n in names])
        more["labels_attention_mask"] = torch.tensor([[1] * len(n) + [0] * (size - len(n)) for n in names])
        most, at = max(batch.types), iter(range(len(names)))
        rows = [[next(at) for _ in prompt] for prompt in batch.prompts]
        more["labels_gather_indices"] = torch.tensor([row + [0] * (most - len(row)) for row in rows])
        more["prompts_embedding_mask"] = torch.tensor([[1] * len(row) + [0] * (most - len(row)) for row in rows])
    if "Span" in type(model.network).__name__:
        more["span_idx"], more["span_mask"] = spans, spans[..., 1] < torch.tensor(batch.lengths)[:, None]
        labels = labels.flatten(1, 2) if model.encoding.prompted else labels
    return model.network(
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        words_mask=batch.words_mask,
        text_lengths=torch.tensor(batch.lengths)[:, None],
        labels=labels,
        **more,
    )


def _labels(model: Gliner, batch: Batch) -> Tensor:
    longest, most = max(batch.lengths), max(batch.types)
    token = "Token" in type(model.network).__name__
    shape = (longest, most, 3) if token else (longest, model.network.config.max_width, most)
    labels = torch.zeros(len(batch.lengths), *shape)
    for row, targets in enumerate(batch.targets):
        for first, last, column in targets:
            if token:
                labels[row, first, column, 0] = labels[row, last, column, 1] = 1
                labels[row, first : last + 1, column, 2] = 1
            else:
                labels[row, first, last - first, column] = 1
    return labels


def test_logits_loss_and_gradients_are_those_of_stock_gliner(model) -> None:
    network, batch = model.network, _batch(model)
    stock = _stock(model, batch, _labels(model, batch))
    if "Token" in type(network).__name__:
        ours = word_logits(network, batch, represent(network, batch))
        theirs = [stock.logits[row, :n, :t] for row, (n, t) in enumerate(zip(batch.lengths, batch.types, strict=True))]
    else:
        ours = span_logits(network, batch)
        rows = torch.arange(len(ours)).repeat_interleave(torch.tensor(batch.spans.counts))
        first, last = torch.from_numpy(batch.spans.first), torch.from_numpy(batch.spans.last)
        scores = stock.logits.view(len(ours), max(batch.lengths), 6, -1)[rows, first, last - first]
        split = torch.split(scores, batch.spans.counts)
        theirs = [one[:, :types] for one, types in zip(split, batch.types, strict=True)]
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
    gradients = []
    for loss in (batch_loss(network, batch) * len(batch.lengths), stock.loss):
        network.zero_grad()
        loss.backward(retain_graph=True)
        gradients.append({name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    for name, expected in gradients[1].items():
        scale = expected.abs().max().item() + 1e-3
        assert (gradients[0][name] - expected).abs().max().item() <= 1e-3 * scale, name


@pytest.mark.parametrize("segments", [[1], [9], [4, 5, 2], [150]])
@pytest.mark.parametrize("types", [0, 3, 40])
def test_spans_score_alike_in_training_and_in_prediction(segments: list[int], types: int) -> None:
    seed_torch(7, 1)
    words, spans = sum(segments), enumerate_spans([segments], 6)
    factors = Factors([torch.randn(words, 16)], [torch.randn(words, 16)], torch.randn(types, 16), torch.randn(types))
    (expected,) = score_spans(factors, spans, [torch.arange(types)])
    with torch.inference_mode():
        (found,) = score_spans(factors, spans, [torch.arange(types)])
    assert expected.shape == (spans.counts[0], types)
    torch.testing.assert_close(found, expected)


def test_a_span_of_the_token_head_scores_as_its_weakest_word(variant) -> None:
    made = open_base(variant.model_copy(update={"head": "token"}))
    made.network.eval()
    batch = _batch(made)
    words = word_logits(made.network, batch, represent(made.network, batch))
    offset = 0
    for row, logits in enumerate(span_logits(made.network, batch)):
        for number, scores in enumerate(logits):
            first, last = batch.spans.first[offset + number], batch.spans.last[offset + number]
            inside = words[row][first : last + 1, :, 2].amin(0)
            assert torch.equal(scores, torch.stack([words[row][first, :, 0], words[row][last, :, 1], inside]).amin(0))
        offset += len(logits)


def test_a_label_that_was_read_before_is_not_read_again(variant, monkeypatch) -> None:
    made = open_base(variant.model_copy(update={"labels_encoder": variant.encoder}))
    made.network.eval()
    batch, cache = _batch(made), LabelCache()
    with torch.inference_mode():
        expected = span_logits(made.network, batch, cache)
        monkeypatch.setattr(made.network.token_rep_layer, "encode_labels", None)
        again = span_logits(made.network, batch, cache)
    for one, other in zip(again, expected, strict=True):
        assert torch.equal(one, other)


def test_the_oldest_labels_make_room(monkeypatch) -> None:
    monkeypatch.setattr("bioner.gliner.representation._KEPT", 3)
    cache = LabelCache()
    for number in range(5):
        cache.add([(number,)], torch.tensor([[float(number)]]))
    assert list(cache.vectors) == [(2,), (3,), (4,)]
