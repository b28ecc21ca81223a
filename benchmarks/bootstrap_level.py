"""How often the paired bootstrap calls one of two equal models better, with and without its correction.

The models are those of `promotion_policy.py`, but only their counts are drawn, so that many pairs take seconds.
"""

from __future__ import annotations

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

from bioner.evaluation import bootstrap
from bioner.evaluation.bootstrap import Floats

_LEVELS = (0.05, 0.01)
_RESAMPLES = 1000


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[15, 30, 60, 200])
    parser.add_argument("--pairs", type=int, default=6000)
    chosen = parser.parse_args()
    columns = [f"{kind}, {level}" for kind in ("plain", "corrected") for level in _LEVELS]
    table = Table("documents", *columns, box=None)
    for documents in chosen.documents:
        found = np.array(simulate(documents, chosen.pairs))
        shares = [(found[:, kind] <= level).mean() for kind in (0, 1) for level in _LEVELS]
        table.add_row(str(documents), *(f"{share:.2%}" for share in shares))
    Console().print(table)


def simulate(documents: int, pairs: int) -> list[tuple[float, float]]:
    """The one-sided p-values of each pair, plain and corrected; each model is the better one once."""
    chance = np.random.default_rng(5)
    times = np.concatenate(list(bootstrap.weights(documents, _RESAMPLES, 5)))
    found = []
    for _ in range(pairs):
        mentions = chance.integers(0, 7, documents)
        recall = np.minimum(1, 0.7 * chance.beta(8, 2, documents) / 0.8)
        before, after = (_f1(chance, mentions, recall, times) for _ in range(2))
        held = int((mentions > 0).sum())
        for differences in (after - before, before - after):
            # of one document the p-value is what the bootstrap says
            found.append((bootstrap.p_values(differences, 1)[0], bootstrap.p_values(differences, held)[0]))
    return found


def _f1(chance: np.random.Generator, mentions: np.ndarray, recall: Floats, times: Floats) -> Floats:
    """The F1 of a model in each resample."""
    right, wrong = chance.binomial(mentions, recall), chance.binomial(mentions, 0.25)
    return bootstrap.f1(times @ right, times @ (mentions + right + wrong))


if __name__ == "__main__":
    main()
