"""A BERT encoder without padding: the tokens of all rows in one matrix, and of its last layer only what is read.

All layers but attention treat tokens one by one, so that rows of any length can share a matrix; attention runs once
for neighbouring rows of one length. Of the last layer a GLiNER reads one token a word and one a type; the others are
needed there as keys and values only. But for rounding, the result is what the encoder itself gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bioner.gliner.encoding import POOLINGS
from bioner.gliner.inputs import Batch, type_tokens
from bioner.gliner.products import linear


def fits(network: Any, batch: Batch) -> bool:
    """Whether a batch can be read so: on a CPU, outside training, by a plain BERT whose words are one token each.

    (On a GPU the many small attentions would cost more than the padding.)
    """
    from transformers import BertModel

    config, layer = network.config, network.token_rep_layer.bert_layer
    return (
        not torch.is_grad_enabled()
        and not network.training
        and batch.input_ids.device.type == "cpu"
        and type(layer.model) is BertModel
        and not (config.fuse_layers or layer.model.config.is_decoder or hasattr(network, "rnn"))
        and config.subtoken_pooling in POOLINGS
    )


def read(network: Any, batch: Batch) -> tuple[Tensor, Tensor]:
    """The vectors of the words, and of the types in the prompts (none of a bi-encoder), row after row.

    Args:
        network: a `gliner` model that fits.
    """
    ids, attended, marked = (x.numpy() for x in (batch.input_ids, batch.attention_mask > 0, batch.words_mask))
    words, asked = marked > 0, _types(network, batch) | (marked > 0)
    rows, places = np.nonzero(attended)
    layer = network.token_rep_layer
    seen = _encode(
        layer.bert_layer.model,
        (torch.from_numpy(ids[rows, places]), torch.from_numpy(places)),
        (attended.sum(1).tolist(), asked.sum(1).tolist()),
        torch.from_numpy(np.flatnonzero(asked[attended])),
    )
    seen = layer.projection(seen) if hasattr(layer, "projection") else seen
    of_words = torch.from_numpy(words[asked])
    return seen[of_words], seen[~of_words]


def _types(network: Any, batch: Batch) -> np.ndarray:
    """Which tokens stand for types, (rows, tokens)."""
    chosen = np.zeros(batch.input_ids.shape, dtype=bool)
    config = network.config
    if config.model_type.startswith("gliner_uni"):
        ids, attended = batch.input_ids.numpy(), batch.attention_mask.numpy()
        places = type_tokens(ids, attended, config.class_token_index, batch.types) + (not config.embed_ent_token)
        for row, count in enumerate(batch.types):
            chosen[row, places[row, :count]] = True
    return chosen


def _encode(
    encoder: Any, tokens: tuple[Tensor, Tensor], counts: tuple[Sequence[int], Sequence[int]], asked: Tensor
) -> Tensor:
    """What the encoder sees at some of its tokens.

    Args:
        tokens: ids and positions.
        counts: number of tokens of each row, and of those asked for.
        asked: where the latter are among all.
    """
    ids, positions = tokens
    lengths, chosen = counts
    hidden = encoder.embeddings(input_ids=ids[None], position_ids=positions[None])[0]
    *layers, last = encoder.encoder.layer
    for layer in layers:
        hidden = _layer(layer, hidden, hidden, lengths, lengths)
    return _layer(last, hidden, hidden[asked], lengths, chosen)


def _layer(layer: Any, hidden: Tensor, asked: Tensor, lengths: Sequence[int], chosen: Sequence[int]) -> Tensor:
    own, heads = layer.attention.self, layer.attention.self.num_attention_heads
    query, key, value = linear(own.query, asked), linear(own.key, hidden), linear(own.value, hidden)
    attended = _attend(query, key, value, heads, list(zip(chosen, lengths, strict=True)))
    mixed: Tensor = layer.attention.output.LayerNorm(linear(layer.attention.output.dense, attended) + asked)
    seen: Tensor = layer.output.LayerNorm(linear(layer.output.dense, _between(layer.intermediate, mixed)) + mixed)
    return seen


def _between(intermediate: Any, mixed: Tensor) -> Tensor:
    """The wide layer of the perceptron, and its activation."""
    from transformers.activations import GELUActivation

    if type(intermediate.intermediate_act_fn) is GELUActivation:
        return linear(intermediate.dense, mixed, "gelu")
    widened: Tensor = intermediate.intermediate_act_fn(linear(intermediate.dense, mixed))
    return widened


def _attend(query: Tensor, key: Tensor, value: Tensor, heads: int, rows: Sequence[tuple[int, int]]) -> Tensor:
    """Attention within each row, which has so many queries, and so many keys and values."""
    parts, first, start = [], 0, 0
    for (queries, keys), run in groupby(rows):
        number = len(list(run))
        ends = first + number * queries, start + number * keys
        asked, keyed, valued = (
            part.view(number, -1, heads, part.shape[-1] // heads).transpose(1, 2)
            for part in (query[first : ends[0]], key[start : ends[1]], value[start : ends[1]])
        )
        seen = functional.scaled_dot_product_attention(asked, keyed, valued)
        parts.append(seen.transpose(1, 2).reshape(number * queries, -1))
        first, start = ends
    return torch.cat(parts)
