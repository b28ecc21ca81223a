"""Lists of hashes of different lengths in one array: what numpy can work on at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of hashes of different lengths in one array.

    Attributes:
        values: the lists, one behind the other.
        offsets: where each begins, and where the last one ends.
    """

    values: Hashes
    offsets: Ints

    @classmethod
    def of(cls, values: Hashes, lengths: Ints) -> Ragged:
        """Lists of these lengths."""
        return cls(values, np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64))))

    @classmethod
    def joined(cls, parts: Sequence[Ragged]) -> Ragged:
        """The lists of several, in their order."""
        if not parts:
            return cls.of(np.empty(0, np.uint64), np.empty(0, np.int64))
        return cls.of(np.concatenate([part.values for part in parts]), np.concatenate([part.lengths for part in parts]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> Hashes:
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    @property
    def lengths(self) -> Ints:
        """How many hashes each list has."""
        return np.diff(self.offsets)

    @property
    def owners(self) -> Ints:
        """The number of the list that each value is in."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, which: Ints) -> Ragged:
        """The lists of these numbers, in this order."""
        lengths = self.offsets[which + 1] - self.offsets[which]
        ends = np.cumsum(lengths)
        inside = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        return Ragged.of(self.values[np.repeat(self.offsets[which], lengths) + inside], lengths)

    def any(self, flags: Flags) -> Flags:
        """For each list, whether a flag of its values is set."""
        return self.count(flags) > 0

    def count(self, flags: Flags) -> Ints:
        """For each list, how many flags of its values are set."""
        sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(flags, dtype=np.int64)))
        return sums[self.offsets[1:]] - sums[self.offsets[:-1]]
