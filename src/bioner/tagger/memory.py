"""What a model remembers of the tokens it has read: their keys and values, in slots that are claimed and given back."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from bioner.tagger.packed import Slots

_STEP = 1024  # slots; room grows by a half, and at least by this


class Memory:
    """Keys and values of tokens, one matrix (slots, width) a layer each; for inference only.

    A slot that was given back is claimed again before any new one, so that reading on and on takes no more room than
    what is remembered at a time.
    """

    def __init__(self) -> None:
        self._free: list[int] = []
        self._end = 0
        self._layers: dict[int, tuple[Tensor, Tensor]] = {}

    @property
    def used(self) -> int:
        """How many slots are claimed."""
        return self._end - len(self._free)

    def claim(self, count: int) -> Slots:
        """Slots for so many tokens."""
        again = [self._free.pop() for _ in range(min(count, len(self._free)))]
        begin, self._end = self._end, self._end + count - len(again)
        return (*again, *range(begin, self._end))

    def release(self, slots: Sequence[int]) -> None:
        """Give slots back: what they hold is forgotten."""
        self._free.extend(slots)

    def write(self, layer: int, slots: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep the keys and values (n, width) of the tokens in the slots (n,); returns those of all slots."""
        stored = self._layers.get(layer)
        if stored is None or len(stored[0]) < self._end:
            stored = self._layers[layer] = self._grown(stored, keys)
        stored[0][slots] = keys
        stored[1][slots] = values
        return stored

    def _grown(self, stored: tuple[Tensor, Tensor] | None, like: Tensor) -> tuple[Tensor, Tensor]:
        known = 0 if stored is None else len(stored[0])
        size = max(self._end, known + max(_STEP, known // 2))
        grown = (like.new_zeros(size, like.shape[1]), like.new_zeros(size, like.shape[1]))
        if stored is not None:
            grown[0][:known], grown[1][:known] = stored
        return grown
