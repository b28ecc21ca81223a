"""Optimal one-to-one pairing of overlapping mentions: maximum-weight bipartite matching on small components."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from bioner.evaluation.mentions import Mention, Pair


def assign(edges: Mapping[Pair, int], gold: Sequence[Mention], predicted: Sequence[Mention]) -> list[Pair]:
    """Pair gold mentions with predictions along the edges, each at most once.

    The result is optimal in this order: the most pairs; among those pairings the most pairs of one type; then the
    most pairs of one extent; then the most shared characters. What is still open is decided by the mentions alone,
    so that neither the order of the spans nor swapping the two sides changes the pairing.

    Args:
        edges: the pairs that may be made -> shared characters.
        gold: sorted, without duplicates (`Case.distinct`).
        predicted: likewise.
    """
    pairs: list[Pair] = []
    for component in _components(edges):
        if len(component) == 1:
            pairs += component
            continue
        rows, columns = {i for i, _ in component}, {j for _, j in component}
        if len(rows) == 1 or len(columns) == 1:
            pairs.append(min(component, key=lambda pair: _cost(pair, edges, gold, predicted)))
        elif _turned(rows, columns, gold, predicted):
            turned = {(j, i): edges[i, j] for i, j in component}
            pairs.extend((i, j) for j, i in _solve(turned, predicted, gold))
        else:
            pairs.extend(_solve({pair: edges[pair] for pair in component}, gold, predicted))
    return sorted(pairs)


def _components(edges: Collection[Pair]) -> list[list[Pair]]:
    """The edges by connected component."""
    by_gold: dict[int, list[Pair]] = {}
    by_predicted: dict[int, list[Pair]] = {}
    for pair in edges:
        by_gold.setdefault(pair[0], []).append(pair)
        by_predicted.setdefault(pair[1], []).append(pair)
    found: list[list[Pair]] = []
    while by_gold:
        _, reached = by_gold.popitem()
        for _, j in reached:  # grows while it is walked
            for i, _ in by_predicted.pop(j, ()):
                reached.extend(by_gold.pop(i, ()))
        found.append(reached)
    return found


def _cost(
    pair: Pair, edges: Mapping[Pair, int], gold: Sequence[Mention], predicted: Sequence[Mention]
) -> tuple[bool, bool, int, Pair]:
    one, other = gold[pair[0]], predicted[pair[1]]
    return one.label != other.label, one.extent != other.extent, -edges[pair], pair


def _turned(rows: set[int], columns: set[int], gold: Sequence[Mention], predicted: Sequence[Mention]) -> bool:
    """Whether the two sides change places, so that it does not matter which of them is called gold."""
    if len(rows) != len(columns):
        return len(rows) > len(columns)
    return _keys(gold, rows) > _keys(predicted, columns)


def _keys(mentions: Sequence[Mention], chosen: set[int]) -> list[tuple[object, str]]:
    return [(mentions[place].extent, mentions[place].label) for place in sorted(chosen)]


def _solve(edges: Mapping[Pair, int], left: Sequence[Mention], right: Sequence[Mention]) -> list[Pair]:
    """One component by linear assignment; the four aims are the digits of one integer weight, exact in a float."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = sorted({i for i, _ in edges}), sorted({j for _, j in edges})
    row_of, column_of = {i: r for r, i in enumerate(rows)}, {j: c for c, j in enumerate(columns)}
    base = min(len(rows), len(columns)) + 1  # more than the pairs that any aim can reach
    base_shared = base * max(edges.values()) + 1
    weights = np.zeros((len(rows), len(columns)))
    for (i, j), shared in edges.items():
        same_type, same_extent = left[i].label == right[j].label, left[i].extent == right[j].extent
        weights[row_of[i], column_of[j]] = ((base + same_type) * base + same_extent) * base_shared + shared
    chosen = zip(*linear_sum_assignment(weights, maximize=True), strict=True)
    return [(rows[r], columns[c]) for r, c in chosen if weights[r, c] > 0]
