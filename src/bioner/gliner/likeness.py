"""Likeness: how easily types are taken for one another, measured on the training data itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, log1p

import numpy as np

from bioner.gliner.examples import Example

Likeness = Mapping[str, Mapping[str, float]]  # type -> the types like it -> cosine, above 0
_NEAREST = 20  # types that are kept for each: free words can be thousands


def likeness(examples: Sequence[Example]) -> Likeness:
    """Compare the types of annotated examples by the words of their mentions.

    The profile of a type counts the words within its mentions and the one before and after each: what tells it from
    other types, and in which places it stands. A word weighs the less, the more types have it (tf-idf). Two types are
    as alike as the cosine of their profiles. It is a function of the examples alone, and a second of work for hundreds
    of types.

    Labels that are free words may name one thing twice; such a pair is found most alike, although neither is a
    negative of the other. The measure is meant for a fixed set of types.
    """
    profiles: dict[str, Counter[tuple[int, ...]]] = {}
    for example in examples:
        for first, last, key in example.spans:
            profiles.setdefault(key, Counter()).update(example.words[max(0, first - 1) : last + 2])
    if not profiles:  # examples of what is not in a text
        return {}
    keys = list(profiles)
    products = _cosines(list(profiles.values()))
    return {
        key: {keys[other]: value for other, value in nearest if other != number}
        for number, (key, nearest) in enumerate(zip(keys, products, strict=True))
    }


def _cosines(profiles: Sequence[Counter[tuple[int, ...]]]) -> list[list[tuple[int, float]]]:
    """For each profile the number and cosine of those that are most like it, itself included."""
    from scipy.sparse import csr_array

    spread = Counter(word for profile in profiles for word in profile)
    column = {word: place for place, word in enumerate(spread)}
    rows, columns, values = [], [], []
    for row, profile in enumerate(profiles):
        weights = {word: log1p(n) * log((1 + len(profiles)) / spread[word]) for word, n in profile.items()}
        norm = sum(weight * weight for weight in weights.values()) ** 0.5
        rows += [row] * len(weights)
        columns += [column[word] for word in weights]
        values += [weight / norm for weight in weights.values()]
    matrix = csr_array((values, (rows, columns)), shape=(len(profiles), len(column)))
    found = []
    for row in range(len(profiles)):
        cosines = (matrix @ matrix[[row]].toarray()[0]).tolist()
        order = np.argsort(np.negative(cosines), kind="stable")[: _NEAREST + 1].tolist()
        found.append([(other, cosines[other]) for other in order if cosines[other] > 0.0])
    return found
