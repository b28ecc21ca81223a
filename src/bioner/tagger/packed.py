"""Forward passes over packed rows: no padding in the linear layers, any prefix shared by any number of rows.

A pass is a flat run of new tokens, cut into rows. A row attends to its own tokens, causally, and to any slots before
it: tokens of earlier passes, or of rows of the same pass. So one source is computed once however many lines follow
it, and one instruction once for all sources. Only attention sees rows; everything else sees the flat run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

ATTENTION = "bioner_packed"  # the name under which transformers finds `packed_attention`

Slots = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of similar length, padded to each other for attention only.

    Attributes:
        queries: (rows, longest) index of each row's new tokens in the flat run; padding points at token 0.
        keys: (rows, widest) slots that each row may see, its own tokens last; padding points at slot 0.
        mask: (rows, 1, longest, widest) which key each query sees.
    """

    queries: Tensor
    keys: Tensor
    mask: Tensor


class Memory:
    """Keys and values of the tokens so far, one growing matrix (slots, width) a layer each; for inference only."""

    def __init__(self) -> None:
        self.used = 0
        self._layers: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Append new rows (tokens, width) to a layer, and return all rows of it."""
        end = self.used + keys.shape[0]
        stored = self._layers.get(layer)
        if stored is None or stored[0].shape[0] < end:
            stored = self._layers[layer] = _grown(stored, keys, end, self.used)
        stored[0][self.used : end] = keys
        stored[1][self.used : end] = values
        return stored[0][:end], stored[1][:end]

    def rewind(self, used: int) -> None:
        """Forget every slot from `used` on."""
        self.used = used


def _grown(stored: tuple[Tensor, Tensor] | None, like: Tensor, end: int, used: int) -> tuple[Tensor, Tensor]:
    size = max(1024, 1 << (end - 1).bit_length())
    grown = (like.new_empty(size, like.shape[1]), like.new_empty(size, like.shape[1]))
    if stored is not None:
        grown[0][:used] = stored[0][:used]
        grown[1][:used] = stored[1][:used]
    return grown


@dataclass(frozen=True, slots=True)
class Pass:
    """One forward pass, ready for the model.

    Attributes:
        tokens: (n,) token ids of all rows, one after another.
        positions: (n,) position of each token in its own sequence.
        blocks: the rows, grouped for attention.
        order: (n,) where each token's attention output lies among the blocks' padded outputs.
        memory: earlier tokens, or `None` if this pass stands alone (as in training).
    """

    tokens: Tensor
    positions: Tensor
    blocks: tuple[Block, ...]
    order: Tensor
    memory: Memory | None


@dataclass(slots=True)
class Rows:
    """Collects the rows of one pass."""

    memory: Memory | None = None
    _tokens: list[int] = field(default_factory=list)
    _rows: list[tuple[int, int, Slots]] = field(default_factory=list)

    def add(self, tokens: Sequence[int], past: Slots = ()) -> Slots:
        """Add a row whose sequence begins with the tokens in the slots `past`; returns the slots of its own tokens."""
        begin = len(self._tokens)
        self._rows.append((begin, len(tokens), past))
        self._tokens.extend(tokens)
        first = self._base + begin
        return tuple(range(first, first + len(tokens)))

    @property
    def _base(self) -> int:
        return self.memory.used if self.memory else 0

    def __len__(self) -> int:
        return len(self._tokens)

    def build(self, device: torch.device) -> Pass:
        """The pass over all rows that were added."""
        positions = torch.empty(len(self._tokens), dtype=torch.long)
        order = torch.empty(len(self._tokens), dtype=torch.long)
        blocks, filled = [], 0
        for rows in _grouped(self._rows):
            longest = max(length for _, length, _ in rows)
            for number, (begin, length, past) in enumerate(rows):
                steps = torch.arange(length)
                positions[begin : begin + length] = steps + len(past)
                order[begin : begin + length] = steps + filled + number * longest
            filled += len(rows) * longest
            blocks.append(_block(rows, self._base, device))
        tokens = torch.tensor(self._tokens, device=device)
        return Pass(tokens, positions.to(device), tuple(blocks), order.to(device), self.memory)


_Row = tuple[int, int, Slots]


def _grouped(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Rows of similar numbers of new tokens together."""
    groups: list[list[_Row]] = []
    for row in sorted(rows, key=lambda row: (row[1], len(row[2]))):
        if groups and row[1] <= groups[-1][0][1] * 3 // 2 + 8:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _block(rows: Sequence[_Row], base: int, device: torch.device) -> Block:
    longest = max(length for _, length, _ in rows)
    widest = max(length + len(past) for _, length, past in rows)
    queries = torch.zeros(len(rows), longest, dtype=torch.long)
    keys = torch.zeros(len(rows), widest, dtype=torch.long)
    before = torch.tensor([len(past) for _, _, past in rows])
    for number, (begin, length, past) in enumerate(rows):
        steps = torch.arange(begin, begin + length)
        queries[number, :length] = steps
        keys[number, : len(past)] = torch.tensor(past, dtype=torch.long)
        keys[number, len(past) : len(past) + length] = steps + base
    mask = torch.arange(widest) <= before[:, None, None] + torch.arange(longest)[None, :, None]
    return Block(queries.to(device), keys.to(device), mask[:, None].to(device))


def packed_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _mask: Tensor | None,
    *,
    scaling: float,
    packed: Pass,
    **_options: Any,
) -> tuple[Tensor, None]:
    """Attention of a `Pass`, in the form that transformers calls.

    Args:
        query: (1, heads, n, size); `key` and `value`: (1, key heads, n, size).

    Returns:
        (1, n, heads, size).
    """
    heads, size = query.shape[1], query.shape[3]
    flat = query[0].transpose(0, 1).reshape(-1, heads * size)
    keys = key[0].transpose(0, 1).reshape(-1, key.shape[1] * size)
    values = value[0].transpose(0, 1).reshape(-1, key.shape[1] * size)
    if packed.memory is not None:
        keys, values = packed.memory.extend(module.layer_idx, keys, values)
    outputs = []
    for block in packed.blocks:
        q = functional.embedding(block.queries, flat).view(*block.queries.shape, -1, size).transpose(1, 2)
        k = functional.embedding(block.keys, keys).view(*block.keys.shape, -1, size).transpose(1, 2)
        v = functional.embedding(block.keys, values).view(*block.keys.shape, -1, size).transpose(1, 2)
        out = functional.scaled_dot_product_attention(q, k, v, block.mask, scale=scaling, enable_gqa=True)
        outputs.append(out.transpose(1, 2).reshape(-1, heads * size))
    joined = outputs[0] if len(outputs) == 1 else torch.cat(outputs)
    return functional.embedding(packed.order, joined).view(1, -1, heads, size), None
