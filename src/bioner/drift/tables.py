"""Two sides as tables of counts: a row a document, a column a value or a range of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]
Kind = Literal["mix", "shift", "rise"]
"""What a difference is: of two mixes of values; of two distributions of a number; likewise, but upwards only."""

_RANGES = 50  # of a number with many values; each holds as many of both sides together


@dataclass(frozen=True, slots=True)
class Table:
    """What was counted of one measure.

    Attributes:
        values: what the columns stand for; of ranges of numbers, the upper ends.
        reference: the side that is compared with, of shape (documents, values).
        new: the side that is judged.
    """

    kind: Kind
    values: tuple[str | float, ...]
    reference: Counts
    new: Counts

    @property
    def totals(self) -> tuple[Counts, Counts]:
        """How often each value occurs on either side."""
        return self.reference.sum(axis=0), self.new.sum(axis=0)

    @property
    def comparable(self) -> bool:
        """Whether both sides have anything to compare."""
        return all(total.sum() > 0 for total in self.totals)


def of_values(reference: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> Table:
    """The table of a mix: the values of each document of either side."""
    values = sorted({value for side in (reference, new) for document in side for value in document})
    column = {value: index for index, value in enumerate(values)}
    sides = [[[column[value] for value in document] for document in side] for side in (reference, new)]
    return Table("mix", tuple(values), *(_count(side, len(values)) for side in sides))


def of_numbers(kind: Kind, reference: Sequence[Sequence[float]], new: Sequence[Sequence[float]]) -> Table:
    """The table of a number: the numbers of each document of either side, in ranges if there are many."""
    pooled = np.array([value for side in (reference, new) for document in side for value in document])
    ends = np.unique(pooled)
    if len(ends) > _RANGES:
        ends = np.unique(np.quantile(pooled, np.linspace(0, 1, _RANGES + 1)[1:], method="inverted_cdf"))
    sides = [[np.searchsorted(ends, np.array(document)).tolist() for document in side] for side in (reference, new)]
    return Table(kind, tuple(ends.tolist()), *(_count(side, len(ends)) for side in sides))


def _count(documents: Sequence[Sequence[int]], columns: int) -> Counts:
    counts = np.zeros((len(documents), columns))
    for row, indices in zip(counts, documents, strict=True):
        np.add.at(row, list(indices), 1)
    return counts
