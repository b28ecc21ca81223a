"""How far two sides are apart, and how often two random halves of them would be: a permutation test over documents."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from bioner.drift.tables import Counts, Kind, Table
from bioner.validation.drift import drift

Floats = npt.NDArray[np.float64]

_CHUNK = 100  # permutations at once: what they take is memory
_ENOUGH = 100  # permutations that are as far apart, after which no more are drawn: the sides are alike
_EQUAL = 1e-9  # distances that differ by less are the same but for rounding


def distance(kind: Kind, new: Counts, reference: Counts) -> Floats:
    """From 0 (alike) to 1 (nothing in common), of each row of `new` and `reference`; 0 where a side is empty.

    Of mixes, the Jensen-Shannon distance less its bias (see `validation.drift`). Of numbers, the largest difference of
    their cumulative shares (Kolmogorov and Smirnov's D), which does not ask how the numbers are distributed; of a rise,
    only where the new ones are the higher.
    """
    if kind == "mix":
        pairs = zip(new, reference, strict=True)
        return np.array([_mix(side, other) if side.sum() and other.sum() else 0.0 for side, other in pairs])
    shares = [np.cumsum(side, axis=1) / np.maximum(side.sum(axis=1, keepdims=True), 1) for side in (reference, new)]
    gaps = shares[0] - shares[1]
    some = (new.sum(axis=1) > 0) & (reference.sum(axis=1) > 0)
    furthest = np.max(gaps if kind == "rise" else np.abs(gaps), axis=1, initial=0.0)
    return np.asarray(np.where(some, furthest, 0.0), np.float64)


def _mix(new: Counts, reference: Counts) -> float:
    found, expected = (_as_mapping(side) for side in (new, reference))
    return drift(found, expected)


def _as_mapping(counts: Counts) -> dict[Hashable, int]:
    return dict(enumerate(counts.astype(int).tolist()))


def effect(table: Table) -> float:
    """How far the two sides of a table are apart."""
    reference, new = table.totals
    return float(distance(table.kind, new[None], reference[None])[0])


def p_value(table: Table, permutations: int, seed: int) -> float:
    """How often two sides that are drawn at random from all documents are at least as far apart.

    Whole documents change sides: sentences of one document are alike, and counting them one by one would call too much
    drift. The sides as they are count as one of the permutations, so that the value is never 0 (Phipson and Smyth,
    Permutation P-values Should Never Be Zero, Statistical Applications in Genetics and Molecular Biology 9, 2010).
    Where the sides are alike, few permutations say so: after h of them that are as far apart, the value is h by their
    number, which is below a level no more often than the level says (Besag and Clifford, Sequential Monte Carlo
    p-values, Biometrika 78, 1991).

    Args:
        permutations: at most.
    """
    counts = np.concatenate([table.reference, table.new])
    size, total = len(table.new), counts.sum(axis=0)
    least, chance, before = effect(table) - _EQUAL, np.random.default_rng(seed), 0
    for first in range(0, permutations, _CHUNK):
        rows = min(_CHUNK, permutations - first)
        drawn = np.zeros((rows, len(counts)))
        order = chance.random((rows, len(counts))).argpartition(size - 1, axis=1)[:, :size]
        np.put_along_axis(drawn, order, 1.0, axis=1)
        new = drawn @ counts
        as_far = before + np.cumsum(distance(table.kind, new, total - new) >= least)
        if as_far[-1] >= _ENOUGH:
            return _ENOUGH / (first + int(np.searchsorted(as_far, _ENOUGH)) + 1)
        before = int(as_far[-1])
    return (before + 1) / (permutations + 1)
