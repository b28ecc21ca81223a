"""The span head of GLiNER (`markerV0`), computed once per word and label instead of once per span: the same function
with the same weights, for the spans that exist only.

The published head feeds `relu([start; end])` of every span, padding included, to a two-layer perceptron and takes the
dot product with each label. The first layer of a concatenation is the sum of two products that each word needs once;
the last layer, followed by a dot product with C labels, can be applied to the C labels instead of to every span.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bioner.gliner.inputs import Batch, Spans
from bioner.gliner.products import linear, perceptron
from bioner.gliner.representation import Seen, by_row

_FEW = 32  # types with which a product takes no longer than making its hidden layer
_ROWS = 128  # spans of a product that is large enough to be fast


def span_logits(network: Any, batch: Batch, seen: Seen) -> list[Tensor]:
    """The logits of each row's spans: one tensor (spans of the row, types of the row) a row."""
    marker = network.span_rep_layer.span_rep_layer
    first, _, dropout, last = marker.out_project
    width = seen.words.shape[-1]
    begin = linear(first, perceptron(marker.project_start, seen.words, "relu"), part=(0, width))
    end = linear(first, perceptron(marker.project_end, seen.words, "relu"), part=(width, 2 * width))
    labels = network.prompt_rep_layer(seen.labels)
    begins, ends = (by_row(part, batch.lengths) for part in (begin, end))
    factors = Factors(begins, ends, labels @ last.weight, labels @ last.bias)
    return score_spans(factors, batch.spans, seen.columns, dropout)


@dataclass(frozen=True, slots=True)
class Factors:
    """What the logits of spans are made of.

    Attributes:
        begin, end: for each row and word its part of the hidden layer as first and as last word, (words, hidden) each.
        weights, biases: for each type what makes a logit of a hidden layer, (types, hidden) and (types,).
    """

    begin: Sequence[Tensor]
    end: Sequence[Tensor]
    weights: Tensor
    biases: Tensor


def score_spans(
    factors: Factors,
    spans: Spans,
    columns: Sequence[Tensor],
    dropout: Callable[[Tensor], Tensor] = lambda hidden: hidden,
) -> list[Tensor]:
    """The logits of each row's spans.

    Args:
        columns: for each row, which of the types are its own.
        dropout: what happens to the hidden layer in training.
    """
    logits, offset = [], 0
    for row, (count, own) in enumerate(zip(spans.counts, columns, strict=True)):
        chosen = slice(offset, offset + count)
        first, last = spans.first[chosen], spans.last[chosen]
        weights = factors.weights[own].T
        if torch.is_grad_enabled():
            hidden = factors.begin[row].index_select(0, _places(first, factors.weights))
            hidden = dropout((hidden + factors.end[row].index_select(0, _places(last, factors.weights))).relu())
            scores = hidden @ weights
        else:
            scores = _by_width(factors.begin[row], factors.end[row], first, last, weights)
        logits.append(scores + factors.biases[own])
        offset += count
    return logits


def _by_width(begin: Tensor, end: Tensor, first: np.ndarray, last: np.ndarray, weights: Tensor) -> Tensor:
    """What `index_select` gives, with a hidden layer for the spans of one width at a time, which stays in the cache of
    a processor: a third of the time. (In training, where all are kept for the gradient, it is not faster.) With many
    types the products take longer than what comes before, and short texts have several widths in one product.
    """
    words = int(last.max(initial=-1)) + 1
    widths = int((last - first).max(initial=-1)) + 1
    together = max(1, _ROWS // max(1, words)) if weights.shape[1] > _FEW else 1
    scores = []
    for least in range(0, widths, together):
        group = range(least, min(least + together, widths))
        hidden = [begin[: words - more] + end[more:words] for more in group]
        scores.append((torch.cat(hidden) if hidden[1:] else hidden[0]).relu_() @ weights)
    starts = np.cumsum([0, *(words - more for more in range(widths))])
    return torch.cat([weights[:0], *scores]).index_select(0, _places(starts[last - first] + first, begin))


def _places(words: np.ndarray, like: Tensor) -> Tensor:
    return torch.from_numpy(words).to(like.device)


def span_loss(network: Any, batch: Batch, seen: Seen) -> Tensor:
    """Binary cross-entropy of all spans and types, summed: the default loss of `gliner`, entities by their weights."""
    losses = []
    for row, logits in enumerate(span_logits(network, batch, seen)):
        truth = torch.zeros_like(logits)
        begins, targets, weights = batch.spans.begins[row], batch.targets[row], batch.weights[row]
        for first, last, column in targets:
            truth[begins[first] + last - first, column] = 1.0
        weight = torch.ones_like(logits) if weights else None
        if weight is not None:
            for (first, last, column), sure in zip(targets, weights, strict=True):
                weight[begins[first] + last - first, column] = sure
        losses.append(functional.binary_cross_entropy_with_logits(logits, truth, weight, reduction="sum"))
    return torch.stack(losses).sum()
