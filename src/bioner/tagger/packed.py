"""Forward passes over packed rows: no padding in the linear layers, any prefix shared by any number of rows.

A pass is a flat run of new tokens, cut into rows. A row attends to its own tokens, causally, and to any slots before
it: tokens of earlier passes, or of rows of the same pass. So one source is computed once however many lines follow
it, and one instruction once for all sources. Only attention sees rows; everything else sees the flat run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from bioner.tagger.memory import Memory

ATTENTION = "bioner_packed"  # the name under which transformers finds `packed_attention`

Slots = tuple[int, ...]  # where the keys and values of tokens are kept: in a memory, or in their pass


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


@dataclass(frozen=True, slots=True)
class Pass:
    """One forward pass, ready for the model.

    Attributes:
        tokens: (n,) token ids of all rows, one after another.
        positions: (n,) position of each token in its own sequence.
        blocks: the rows, grouped for attention.
        order: (n,) where each token's attention output lies among the blocks' padded outputs.
        slots: (n,) where the keys and values of each token are kept.
        memory: what keeps them, or `None` if this pass stands alone (as in training).
    """

    tokens: Tensor
    positions: Tensor
    blocks: tuple[Block, ...]
    order: Tensor
    slots: Tensor
    memory: Memory | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row: where its tokens begin in the flat run, the slots before it, and its own."""

    begin: int
    past: Slots
    own: Slots


@dataclass(slots=True)
class Rows:
    """Collects the rows of one pass."""

    memory: Memory | None = None
    _tokens: list[int] = field(default_factory=list)
    _slots: list[int] = field(default_factory=list)
    _rows: list[_Row] = field(default_factory=list)

    def add(self, tokens: Sequence[int], past: Slots = ()) -> Slots:
        """Add a row whose sequence begins with the tokens in the slots `past`; returns the slots of its own tokens."""
        begin, length = len(self._tokens), len(tokens)
        own = tuple(range(begin, begin + length)) if self.memory is None else self.memory.claim(length)
        self._rows.append(_Row(begin, past, own))
        self._tokens.extend(tokens)
        self._slots.extend(own)
        return own

    def __len__(self) -> int:
        return len(self._tokens)

    def build(self, device: torch.device) -> Pass:
        """The pass over all rows that were added."""
        positions = torch.empty(len(self._tokens), dtype=torch.long)
        order = torch.empty(len(self._tokens), dtype=torch.long)
        blocks, filled = [], 0
        for rows in _grouped(self._rows):
            longest = max(len(row.own) for row in rows)
            for number, row in enumerate(rows):
                steps, end = torch.arange(len(row.own)), row.begin + len(row.own)
                positions[row.begin : end] = steps + len(row.past)
                order[row.begin : end] = steps + filled + number * longest
            filled += len(rows) * longest
            blocks.append(_block(rows, device))
        tokens, slots = (torch.tensor(numbers, device=device) for numbers in (self._tokens, self._slots))
        return Pass(tokens, positions.to(device), tuple(blocks), order.to(device), slots, self.memory)


def _grouped(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Rows of similar numbers of new tokens together."""
    groups: list[list[_Row]] = []
    for row in sorted(rows, key=lambda row: (len(row.own), len(row.past))):
        if groups and len(row.own) <= len(groups[-1][0].own) * 3 // 2 + 8:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _block(rows: Sequence[_Row], device: torch.device) -> Block:
    longest = max(len(row.own) for row in rows)
    widest = max(len(row.past) + len(row.own) for row in rows)
    queries = torch.zeros(len(rows), longest, dtype=torch.long)
    keys = torch.zeros(len(rows), widest, dtype=torch.long)
    before = torch.tensor([len(row.past) for row in rows])
    for number, row in enumerate(rows):
        seen = row.past + row.own
        queries[number, : len(row.own)] = torch.arange(row.begin, row.begin + len(row.own))
        keys[number, : len(seen)] = torch.tensor(seen, dtype=torch.long)
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
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    **_options: Any,
) -> tuple[Tensor, None]:
    """Attention of a `Pass`, in the form that transformers calls.

    Args:
        query: (1, heads, n, size); `key` and `value`: (1, key heads, n, size).

    Returns:
        (1, n, heads, size).

    Raises:
        TypeError: the model caps its logits (Gemma 2) or lets some attention sink (gpt-oss), which is not done here.
    """
    if softcap is not None or s_aux is not None:
        raise TypeError("its attention caps logits or has sinks")
    heads, size = query.shape[1], query.shape[3]
    flat = query[0].transpose(0, 1).reshape(-1, heads * size)
    keys = key[0].transpose(0, 1).reshape(-1, key.shape[1] * size)
    values = value[0].transpose(0, 1).reshape(-1, key.shape[1] * size)
    if packed.memory is not None:
        keys, values = packed.memory.write(module.layer_idx, packed.slots, keys, values)
    outputs = []
    for block in packed.blocks:
        q = functional.embedding(block.queries, flat).view(*block.queries.shape, -1, size).transpose(1, 2)
        k = functional.embedding(block.keys, keys).view(*block.keys.shape, -1, size).transpose(1, 2)
        v = functional.embedding(block.keys, values).view(*block.keys.shape, -1, size).transpose(1, 2)
        out = functional.scaled_dot_product_attention(q, k, v, block.mask, scale=scaling, enable_gqa=True)
        outputs.append(out.transpose(1, 2).reshape(-1, heads * size))
    joined = outputs[0] if len(outputs) == 1 else torch.cat(outputs)
    return functional.embedding(packed.order, joined).view(1, -1, heads, size), None
