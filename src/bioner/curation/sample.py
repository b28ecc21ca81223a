"""Sampling by seed, balanced over languages and, within a language, over sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bioner.curation.ragged import Flags, Ints

Group = tuple[str, str]
"""A language and a source."""


def balanced(groups: Sequence[Group], members: Ints, ranks: npt.NDArray[np.uint32], limit: int) -> Flags:
    """Which texts are taken: at most `limit`.

    Every language gets an equal share, and every source an equal share of its language's; what one cannot fill goes
    to the others. Within a source, those with the smallest ranks are taken, so that another text changes little.

    Args:
        groups: all languages with their sources.
        members: the number of each text's group.
        ranks: a hash of the seed and each text's id.
    """
    sizes: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (language, source), size in zip(groups, np.bincount(members, minlength=len(groups)).tolist(), strict=True):
        sizes[language][source] = size
    languages = share(limit, {language: sum(sources.values()) for language, sources in sizes.items()})
    quotas = {language: share(languages[language], sources) for language, sources in sizes.items()}
    taken = np.zeros(len(members), np.bool_)
    for number, (language, source) in enumerate(groups):
        texts = np.flatnonzero(members == number)
        taken[texts[np.argsort(ranks[texts], kind="stable")[: quotas[language][source]]]] = True
    return taken


def share(limit: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Share `limit` between groups of these sizes as evenly as they can be filled; the largest gets the remainder."""
    shares: dict[str, int] = {}
    left = limit
    for done, name in enumerate(sorted(sizes, key=lambda name: (sizes[name], name))):
        shares[name] = min(sizes[name], left // (len(sizes) - done))
        left -= shares[name]
    return shares
