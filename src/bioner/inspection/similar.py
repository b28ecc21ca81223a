"""Which sets of one collection are similar to a set of another: exactly, by filtering on prefixes.

Two sets with Jaccard similarity of at least t share an element among the first `n - ceil(t * n) + 1` of each, where n
is the size of that set and the elements of all sets are in one order (Chaudhuri, Ganti and Kaushik 2006, "A primitive
operator for similarity joins in data cleaning"). With the rarest elements first, few pairs have to be compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil

Elements = frozenset[str]


def similar(sets: Sequence[Elements], others: Sequence[Elements], threshold: float) -> set[int]:
    """The indices of all sets that have a similar one among the others.

    Args:
        threshold: the Jaccard similarity, above 0, from which two sets are similar.
    """
    if not sets:
        return set()
    order = Counter(element for elements in (*sets, *others) for element in elements)
    index: defaultdict[str, list[int]] = defaultdict(list)
    for number, elements in enumerate(others):
        for element in _prefix(elements, order, threshold):
            index[element].append(number)
    found: set[int] = set()
    for number, elements in enumerate(sets):
        candidates = {other for element in _prefix(elements, order, threshold) for other in index.get(element, ())}
        if any(_are_similar(elements, others[other], threshold) for other in candidates):
            found.add(number)
    return found


def _prefix(elements: Elements, order: Counter[str], threshold: float) -> list[str]:
    length = len(elements) - ceil(threshold * len(elements) - 1e-9) + 1
    return sorted(elements, key=lambda element: (order[element], element))[:length]


def _are_similar(left: Elements, right: Elements, threshold: float) -> bool:
    if min(len(left), len(right)) < threshold * max(len(left), len(right)) - 1e-9:
        return False
    common = len(left & right)
    return common >= threshold * (len(left) + len(right) - common) - 1e-9
