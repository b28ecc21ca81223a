"""From a batch to logits of spans, or to the loss, whichever head the network has."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from bioner.gliner import span_head, token_head
from bioner.gliner.inputs import Batch
from bioner.gliner.representation import LabelCache, represent

SPAN_LEVEL, TOKEN_LEVEL = "markerV0", "token_level"  # what `gliner` calls the two heads: their span mode


def span_logits(network: Any, batch: Batch, cache: LabelCache | None = None) -> list[Tensor]:
    """The logits of each row's spans: one tensor (spans of the row, types of the row) a row.

    Args:
        network: a `gliner` model: uni- or bi-encoder, with a token head or span mode `markerV0`.
        cache: of the types that a bi-encoder has read before with the same weights.
    """
    head = token_head.span_logits if network.config.span_mode == TOKEN_LEVEL else span_head.span_logits
    return head(network, batch, represent(network, batch, cache))


def batch_loss(network: Any, batch: Batch) -> Tensor:
    """The loss of a batch, the mean over its rows of what stock `gliner` sums by default."""
    head = token_head.word_loss if network.config.span_mode == TOKEN_LEVEL else span_head.span_loss
    return head(network, batch, represent(network, batch)) / len(batch.prompts)
