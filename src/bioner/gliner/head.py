"""The span head of GLiNER (`markerV0`), computed once per word and label instead of once per span: the same function
with the same weights, for the spans that exist only.

The published head feeds `relu([start; end])` of every span, padding included, to a two-layer perceptron and takes the
dot product with each label. The first layer of a concatenation is the sum of two products that each word needs once;
the last layer, followed by a dot product with C labels, can be applied to the C labels instead of to every span.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from bioner.gliner.inputs import Batch

_BYTE = 256  # values of a byte
_BYTES = 8  # of a 64-bit integer


def span_logits(network: Any, batch: Batch) -> list[Tensor]:
    """The logits of each row's spans: one tensor (spans of the row, types of the row) a row.

    Args:
        network: a `gliner` `UniEncoderSpanModel` with span mode `markerV0`.
    """
    seen = network.get_representations(
        batch.input_ids,
        batch.attention_mask,
        torch.tensor(batch.lengths)[:, None],
        batch.words_mask,
        word_lengths=batch.lengths,
    )
    marker = network.span_rep_layer.span_rep_layer
    first, _, dropout, last = marker.out_project
    width = seen.words_embedding.shape[-1]
    begin = functional.linear(marker.project_start(seen.words_embedding).relu(), first.weight[:, :width], first.bias)
    end = functional.linear(marker.project_end(seen.words_embedding).relu(), first.weight[:, width:])
    labels = network.prompt_rep_layer(seen.prompts_embedding)
    weights, biases = labels @ last.weight, labels @ last.bias
    logits, offset = [], 0
    for row, (count, types) in enumerate(zip(batch.spans.counts, batch.types, strict=True)):
        chosen = slice(offset, offset + count)
        hidden = begin[row].index_select(0, torch.from_numpy(batch.spans.first[chosen]))
        hidden = (hidden + end[row].index_select(0, torch.from_numpy(batch.spans.last[chosen]))).relu()
        if dropout.training:
            hidden = _dropped(hidden, dropout.p)
        logits.append(hidden @ weights[row, :types].T + biases[row, :types])
        offset += count
    return logits


def _dropped(hidden: Tensor, share: float) -> Tensor:
    """Dropout with one random byte an element, so that `share` is rounded to 1/256: the random floats of torch's own
    took about 6 % of a training step here."""
    lost = round(share * _BYTE)
    words = torch.empty(-(-hidden.numel() // _BYTES), dtype=torch.int64, device=hidden.device)
    random = words.random_(torch.iinfo(torch.int64).min, None).view(torch.uint8)[: hidden.numel()]
    mask = (random >= lost).to(hidden.dtype).mul_(_BYTE / max(1, _BYTE - lost))
    return hidden * mask.view_as(hidden)
