"""The token head of GLiNER: for each word and type the logits that an entity begins, ends, or goes on there.

A span scores as its weakest word does (as stock `gliner` decodes it), so that a threshold on spans is one on words. The
first layer of the published scorer reads a concatenation of word, type and their product: its part for the word is
computed once a word, its part for the type once a type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bioner.gliner.inputs import Batch, Spans, Targets
from bioner.gliner.representation import Seen, by_row

_START, _END, _INSIDE = range(3)


def word_logits(network: Any, batch: Batch, seen: Seen) -> list[Tensor]:
    """The logits of each row's words: one tensor (words of the row, types of the row, 3) a row."""
    scorer = network.scorer
    first, dropout, _, last = scorer.out_mlp
    size = seen.words.shape[-1]
    word, word_gate = scorer.proj_token(seen.words).split(size, dim=-1)
    label, label_gate = scorer.proj_label(seen.labels).split(size, dim=-1)
    word_part = functional.linear(word, first.weight[:, :size], first.bias)
    label_part = functional.linear(label, first.weight[:, size : 2 * size])
    gates, parts = (by_row(values, batch.lengths) for values in (word_gate, word_part))
    logits = []
    for gate, part, count, columns in zip(gates, parts, batch.lengths, seen.columns, strict=True):
        product = gate[:count, None] * label_gate[columns]
        hidden = functional.linear(product, first.weight[:, 2 * size :])
        hidden = hidden + part[:count, None] + label_part[columns]
        logits.append(last(dropout(hidden).relu()))
    return logits


def span_logits(network: Any, batch: Batch, seen: Seen) -> list[Tensor]:
    """The logits of each row's spans: one tensor (spans of the row, types of the row) a row."""
    return [_weakest(logits, row, batch.spans) for row, logits in enumerate(word_logits(network, batch, seen))]


def _weakest(logits: Tensor, row: int, spans: Spans) -> Tensor:
    """For every span the least of its start, its end and all its words."""
    offset = sum(spans.counts[:row])
    place = slice(offset, offset + spans.counts[row])
    first, last = (torch.from_numpy(words[place]).to(logits.device) for words in (spans.first, spans.last))
    inside = logits[..., _INSIDE]
    least = torch.empty((len(first), inside.shape[1]), dtype=logits.dtype, device=logits.device)
    window = inside
    for width in range(int((last - first).max()) + 1 if len(first) else 0):
        if width:
            window = torch.minimum(window[:-1], inside[width:])
        chosen = (last - first) == width
        least[chosen] = window[first[chosen]]
    return torch.minimum(torch.minimum(logits[first, :, _START], logits[last, :, _END]), least)


def word_loss(network: Any, batch: Batch, seen: Seen) -> Tensor:
    """Binary cross-entropy of all words, types and the three questions, summed: the default loss of `gliner`.

    Each entity counts by its weight; where several share an answer, the surest does.
    """
    losses = []
    for logits, targets, weights in zip(word_logits(network, batch, seen), batch.targets, batch.weights, strict=True):
        truth = _answers(tuple(logits.shape), targets, [1.0] * len(targets))
        weight = None
        if weights:
            sure = _answers(tuple(logits.shape), targets, weights)
            weight = torch.from_numpy(np.where(truth, sure, np.float32(1.0))).to(logits)
        expected = torch.from_numpy(truth).to(logits)
        losses.append(functional.binary_cross_entropy_with_logits(logits, expected, weight, reduction="sum"))
    return torch.stack(losses).sum()


def _answers(shape: tuple[int, ...], targets: Targets, values: Sequence[float]) -> np.ndarray:
    """For each word, type and question the highest value of the entities that answer it with yes; else 0."""
    answers = np.zeros(shape, dtype=np.float32)
    for (first, last, column), value in zip(targets, values, strict=True):
        inside = slice(first, last + 1)
        for place in ((first, column, _START), (last, column, _END), (inside, column, _INSIDE)):
            answers[place] = np.maximum(answers[place], value)
    return answers
