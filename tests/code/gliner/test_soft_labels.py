"""Soft labels: an entity counts in the loss by its score; with every score 1 the loss is the plain one, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from bioner.config import Variant
from bioner.documents import Document, Span
from bioner.gliner.backbone import open_base
from bioner.gliner.batches import Packed
from bioner.gliner.encoding import Encoding
from bioner.gliner.examples import make_examples
from bioner.gliner.fit import row_of
from bioner.gliner.head import SPAN_LEVEL, batch_loss, span_logits
from bioner.gliner.inputs import Row, make_batch
from bioner.gliner.model import Gliner
from bioner.gliner.representation import represent
from bioner.gliner.token_head import word_logits
from bioner.seeds import seed_torch
from bioner.windows import Limits

TARGETS = [(1, 2, 0), (2, 2, 0), (6, 6, 1)]  # the second within the first


@pytest.fixture(params=["span", "token"])
def model(request: pytest.FixtureRequest, variant: Variant) -> Gliner:
    """A tiny model with each head."""
    seed_torch(7, 1)
    made = open_base(variant.model_copy(update={"head": request.param}))
    made.network.eval()
    return made


def _loss(model: Gliner, weights: Sequence[float]) -> tuple[Tensor, Mapping[str, Tensor]]:
    """Loss and gradients of two rows, of which the second has no entity."""
    words = model.encoding.words([["acute", "asthma", "attack", "treated", "with", "oral", "steroids"], ["mild"]])
    prompts = model.encoding.prompts(["disease", "drug"])
    rows = [Row(prompts, words[0], [7], TARGETS, weights), Row(prompts, words[1], [1])]
    model.network.zero_grad()
    loss = batch_loss(model.network, make_batch(rows, model.encoding, 6))
    loss.backward()
    named = model.network.named_parameters()
    return loss.detach(), {name: p.grad.clone() for name, p in named if p.grad is not None}


def test_scores_of_one_change_no_bit_of_loss_and_gradients(model: Gliner) -> None:
    (plain, gradients), (weighted, others) = _loss(model, ()), _loss(model, [1.0, 1.0, 1.0])
    assert torch.equal(plain, weighted)
    assert gradients.keys() == others.keys()
    assert all(torch.equal(gradient, others[name]) for name, gradient in gradients.items())


def test_an_entity_counts_by_its_score(model: Gliner) -> None:
    words = model.encoding.words([["acute", "asthma", "attack", "treated", "with", "oral", "steroids"]])
    prompts = model.encoding.prompts(["disease", "drug"])
    weights = [0.25, 0.5, 0.0]
    batch = make_batch([Row(prompts, words[0], [7], TARGETS, weights)], model.encoding, 6)
    if model.network.config.span_mode == SPAN_LEVEL:
        (logits,) = span_logits(model.network, batch)
        places = [(int(batch.spans.begins[0][first]) + last - first, column) for first, last, column in TARGETS]
        cells = dict(zip(places, weights, strict=True))
    else:
        (logits,) = word_logits(model.network, batch, represent(model.network, batch))
        cells = {(1, 0, 0): 0.25, (2, 0, 0): 0.5, (2, 0, 1): 0.5, (1, 0, 2): 0.25, (2, 0, 2): 0.5}  # the surer of two
        cells |= {(6, 1, question): 0.0 for question in range(3)}
    expected = functional.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits), reduction="sum")
    for cell, weight in cells.items():
        expected = expected - functional.softplus(logits[cell]) + weight * functional.softplus(-logits[cell])
    torch.testing.assert_close(batch_loss(model.network, batch), expected)


def test_the_scores_of_the_teacher_reach_the_row_of_their_entity(encoding_once: Encoding) -> None:
    spans = (Span.of(0, 5, "a", 0.5), Span.of(0, 5, "b", 0.25), Span.of(6, 10, "a"), Span.of(0, 5, "a", 0.75))
    document = Document("d", "fever pain", "en", spans)
    limits = Limits(30, 60, 6)
    (example,) = make_examples([document], ("a", "b"), encoding_once, limits, soft=True).groups["en", ""]
    assert dict(zip(example.spans, example.scores, strict=True)) == {
        (0, 0, "a"): 0.75,
        (0, 0, "b"): 0.25,
        (1, 1, "a"): 1,
    }
    row = row_of(Packed(("en", ""), (example, example), (("a", "a"),)), {"a": (1,)})
    assert dict(zip(row.targets, row.weights, strict=True)) == {
        (0, 0, 0): 0.75,
        (1, 1, 0): 1,
        (2, 2, 0): 0.75,
        (3, 3, 0): 1,
    }
    (plain,) = make_examples([document], ("a", "b"), encoding_once, limits).groups["en", ""]
    assert (plain.spans, plain.scores) == (example.spans, ())
