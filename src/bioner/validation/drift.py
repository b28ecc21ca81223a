"""Drift: how far two distributions are apart, beyond what samples of their sizes differ by chance."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping


def drift(found: Mapping[Hashable, int], expected: Mapping[Hashable, int]) -> float:
    """The Jensen-Shannon distance of two distributions, from 0 (alike) to 1 (nothing in common), less its bias.

    Two samples of n and m draws from one distribution of k values diverge by (k - 1) (1/n + 1/m) / (8 ln 2) bits on
    average (Grosse et al. 2002, "Analysis of symbolic sequences using the Jensen-Shannon divergence"). That much is
    taken off, so that ten entities are not called another mix than a thousand for their number alone.

    Args:
        found: value -> how often it was found; at least one value was.
        expected: the same of what it is compared with.
    """
    from scipy.spatial.distance import jensenshannon

    values = list(dict.fromkeys([*expected, *found]))
    sides = [[counts.get(value, 0) for value in values] for counts in (found, expected)]
    divergence = float(jensenshannon(*sides, base=2)) ** 2
    chance = (len(values) - 1) * sum(1 / sum(side) for side in sides) / (8 * math.log(2))
    return math.sqrt(max(0.0, divergence - chance))
