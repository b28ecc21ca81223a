"""Dropout that costs little on a CPU: one random byte an element, also within attention, for the time of a training.

Torch draws a float for every element, on one core: in a training step of MiniLM on two cores that was a seventh of the
time. With bytes a share is rounded to 1/256; the mean stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

_BYTE = 256  # values of a byte
_BYTES = 8  # of a 64-bit integer
_NAME = "bioner"  # of the attention, among those of `transformers`


def dropped(values: Tensor, share: float) -> Tensor:
    """`values` with a share of the elements at zero and the others scaled, so that the mean stays."""
    lost = round(share * _BYTE)
    if lost == 0:
        return values
    words = torch.empty(-(-values.numel() // _BYTES), dtype=torch.int64, device=values.device)
    random = words.random_(torch.iinfo(torch.int64).min, None).view(torch.uint8)[: values.numel()]
    mask = (random >= lost).to(values.dtype).mul_(_BYTE / max(1, _BYTE - lost))
    return values * mask.view_as(values)


class ByteDropout(nn.Module):
    """`nn.Dropout` with random bytes."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.p = share

    def forward(self, values: Tensor) -> Tensor:
        """Drop in training, else nothing."""
        return dropped(values, self.p) if self.training else values


@contextmanager
def cheap_dropout(network: nn.Module) -> Iterator[None]:
    """Within the context, a network on a CPU drops with random bytes; elsewhere nothing changes."""
    if next(network.parameters()).device.type != "cpu":
        yield
        return
    places = [(parent, name, child) for parent in network.modules() for name, child in parent.named_children()]
    dropouts = [(parent, name, child) for parent, name, child in places if isinstance(child, nn.Dropout)]
    encoders: list[Any] = [module for module in network.modules() if _with_torch_attention(module)]
    _register()
    try:
        for parent, name, child in dropouts:
            setattr(parent, name, ByteDropout(child.p))
        for encoder in encoders:
            encoder.set_attn_implementation(_NAME)
        yield
    finally:
        for encoder in encoders:
            encoder.set_attn_implementation("sdpa")
        for parent, name, child in dropouts:
            setattr(parent, name, child.train(parent.training))


def _with_torch_attention(module: Any) -> bool:
    from transformers import PreTrainedModel

    backend = isinstance(module, PreTrainedModel) and module._supports_attention_backend
    return backend and module.config._attn_implementation == "sdpa"


def _register() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(_NAME, _attention)
    AttentionMaskInterface.register(_NAME, sdpa_mask)


def _attention(  # noqa: PLR0917 (the signature of `transformers`)
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **more: Any,
) -> tuple[Tensor, None]:
    """Scaled dot-product attention of an encoder, rows by heads (not grouped) by tokens by size;
    returns rows by tokens by heads by size. `attention_mask` is true where a token is attended to."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if not dropout or more.get("position_bias") is not None:  # torch's own is faster without dropout
        whole: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **more
        )
        return whole
    scores = (query * (scaling or query.shape[-1] ** -0.5)) @ key.transpose(2, 3)
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, torch.finfo(scores.dtype).min)
    attended = dropped(scores.softmax(-1), dropout) @ value
    return attended.transpose(1, 2).contiguous(), None
