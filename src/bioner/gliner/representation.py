"""What the encoders of a GLiNER see: vectors of the words of each window, and of the types asked for.

A uni-encoder reads the types in the prompt before the words, anew in each window. A bi-encoder reads them with an
encoder of their own: each type once in a batch, or once for all batches where a `LabelCache` keeps what it saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from bioner.gliner import unpadded
from bioner.gliner.inputs import Batch

_KEPT = 10_000  # types whose vectors are kept


@dataclass(slots=True)
class LabelCache:
    """The vectors of the types that a bi-encoder, not in training, has read already, by their tokens.

    It holds the latest ones only: a service is asked for ever new types.
    """

    vectors: dict[tuple[int, ...], Tensor] = field(default_factory=dict)

    def add(self, prompts: list[tuple[int, ...]], vectors: Tensor) -> None:
        """Keep vectors, and let the oldest go for them."""
        self.vectors.update(zip(prompts, vectors, strict=True))
        for old in list(self.vectors)[: -max(_KEPT, len(prompts))]:
            del self.vectors[old]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the encoders see in a batch.

    Attributes:
        words: (rows, most words of a row, size), or without padding (words of all rows, size): see `by_row`.
        labels: the types, (types, size): of one row after the other, or each different one once.
        columns: for each row, which of `labels` are its types.
    """

    words: Tensor
    labels: Tensor
    columns: list[Tensor]


def represent(network: Any, batch: Batch, cache: LabelCache | None = None) -> Seen:
    """Run the encoders on a batch that lies on the network's device.

    Args:
        network: a `gliner` uni- or bi-encoder model.
        cache: for a bi-encoder whose weights do not change between the batches.
    """
    uni = network.config.model_type.startswith("gliner_uni")
    labels = None if uni else _labels(network, batch, cache)
    words, prompts, starts = _read(network, batch, labels)
    device = words.device
    if labels is not None:
        number = {prompt: place for place, prompt in enumerate(_different(batch))}
        columns = [torch.tensor([number[type_] for type_ in prompt], device=device) for prompt in batch.prompts]
        return Seen(words, labels, columns)
    columns = [torch.arange(s, s + n, device=device) for s, n in zip(starts, batch.types, strict=True)]
    return Seen(words, prompts, columns)


def _read(network: Any, batch: Batch, labels: Tensor | None) -> tuple[Tensor, Tensor, Sequence[int]]:
    """The vectors of the words, of the types in the prompts, and where among the latter those of each row begin."""
    if unpadded.fits(network, batch):
        return *unpadded.read(network, batch), list(accumulate(batch.types, initial=0))[:-1]
    more: dict[str, Any] = {} if labels is None else {"labels_embeds": labels}
    seen = network.get_representations(
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        text_lengths=torch.tensor(batch.lengths, device=batch.input_ids.device)[:, None],
        words_mask=batch.words_mask,
        word_lengths=batch.lengths,
        **more,
    )
    if labels is not None:
        return seen.words_embedding, labels, ()
    most = seen.prompts_embedding.shape[1]
    return seen.words_embedding, seen.prompts_embedding.flatten(0, 1), range(0, len(batch.prompts) * most, most)


def by_row(values: Tensor, lengths: Sequence[int]) -> Sequence[Tensor]:
    """What was computed for each of `Seen.words`, row by row; padding, where there is any, is left at the ends."""
    return values.unbind() if values.dim() == 3 else torch.split(values, list(lengths))


def _different(batch: Batch) -> list[tuple[int, ...]]:
    return list(dict.fromkeys(type_ for prompt in batch.prompts for type_ in prompt))


def _labels(network: Any, batch: Batch, cache: LabelCache | None) -> Tensor:
    """The vectors of the different types of a batch, in their order."""
    prompts = _different(batch)
    if cache is None:
        return _encoded(network, prompts, batch.input_ids.device)
    if new := [prompt for prompt in prompts if prompt not in cache.vectors]:
        known = {prompt: cache.vectors[prompt] for prompt in prompts if prompt in cache.vectors}
        encoded = _encoded(network, new, batch.input_ids.device)
        cache.add(new, encoded)
        known.update(zip(new, encoded, strict=True))
        return torch.stack([known[prompt] for prompt in prompts])
    return torch.stack([cache.vectors[prompt] for prompt in prompts])


def _encoded(network: Any, prompts: list[tuple[int, ...]], device: torch.device) -> Tensor:
    longest = max(map(len, prompts))
    ids = torch.tensor([[*prompt, *[0] * (longest - len(prompt))] for prompt in prompts], device=device)
    mask = torch.tensor([[1] * len(prompt) + [0] * (longest - len(prompt)) for prompt in prompts], device=device)
    encoded: Tensor = network.token_rep_layer.encode_labels(ids, mask)
    return encoded
