"""Paired tests of two models by type, language and shape: one bootstrap for all groups, and Holm's correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, TypeVar

from bioner.documents import Document
from bioner.evaluation import bootstrap
from bioner.evaluation.bootstrap import Floats, Interval
from bioner.evaluation.counts import Cell, Ints, cases, cells_of, tally
from bioner.evaluation.pairing import pair_documents
from bioner.evaluation.schemes import Mode
from bioner.evaluation.scores import Score
from bioner.evaluation.significance import difference, informative, resampled_differences

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class GroupTest:
    """A candidate against a baseline in one group of mentions.

    Attributes:
        gold: how many mentions were expected.
        baseline: F1 of the baseline; `None` if nothing was expected or predicted.
        candidate: likewise of the candidate.
        difference: candidate minus baseline; 0 if either is `None`.
        interval: percentile interval of the difference.
        p_better: that the candidate is no better; small means better.
        p_worse: that it is no worse; small means worse.
        p_two_sided: that the two do not differ.
    """

    gold: int
    baseline: float | None
    candidate: float | None
    difference: float
    interval: Interval
    p_better: float
    p_worse: float
    p_two_sided: float

    def to_record(self) -> dict[str, Any]:
        """The test as a JSON object."""
        return asdict(self) | {"interval": list(self.interval)}


def compare_groups(
    gold: Sequence[Document],
    baseline: Sequence[Document],
    candidate: Sequence[Document],
    *,
    scheme: Mode = "strict",
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[Cell, GroupTest]:
    """Test the candidate against the baseline in every group; all groups and both sides see the same resamples.

    Args:
        gold: the documents with the expected spans.
        baseline: the same documents as one model annotated them.
        candidate: the same documents as the other model annotated them.
        scheme: what counts as right (see `schemes`).
        resamples: of the documents.
        confidence: of the intervals.
        seed: of the resamples.

    Raises:
        DataError: the documents do not fit together (see `pair_documents`).
    """
    sides = [cases(pair_documents(gold, side), scheme) for side in (baseline, candidate)]
    cells = cells_of([*chain(*sides)])
    counts = [tally(side, cells, scheme) for side in sides]
    differences = resampled_differences(counts, resamples, seed)
    return {
        cell: _test(counts[0][:, place], counts[1][:, place], differences[:, place], confidence)
        for place, cell in enumerate(cells)
    }


def _test(before: Ints, after: Ints, differences: Floats, confidence: float) -> GroupTest:
    """The test of one group, from the counts of both sides, shape (documents, 3)."""
    first, second = (Score.of(side.sum(axis=0).tolist()) for side in (before, after))
    documents = informative(before, after)
    better, both = bootstrap.p_values(differences, documents)
    worse, _ = bootstrap.p_values(-differences, documents)
    return GroupTest(
        gold=first.gold,
        baseline=first.f1,
        candidate=second.f1,
        difference=difference(first.f1, second.f1),
        interval=bootstrap.quantiles(differences, confidence),
        p_better=better,
        p_worse=worse,
        p_two_sided=both,
    )


def holm(p_values: Mapping[K, float]) -> dict[K, float]:
    """Correct the p-values of several tests, so that the chance of any false finding stays below the level.

    Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
    It asks nothing of how the tests depend on each other; those of types in the same documents do.
    """
    corrected, highest = {}, 0.0
    for rank, key in enumerate(sorted(p_values, key=lambda key: p_values[key])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[key]))
        corrected[key] = bootstrap.round_off(highest)
    return {key: corrected[key] for key in p_values}
