"""Whether one model is better than another on the same documents: a paired bootstrap of the difference in F1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bioner.documents import Document
from bioner.evaluation import bootstrap
from bioner.evaluation.bootstrap import Floats, Interval
from bioner.evaluation.counts import GOLD, PREDICTED, RIGHT, Ints, cases, tally_micro
from bioner.evaluation.pairing import pair_documents
from bioner.evaluation.schemes import Mode
from bioner.evaluation.scores import Score


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The difference in micro-F1 of a candidate over a baseline, and how sure it is.

    Attributes:
        scheme: what counts as right.
        documents: how many both were scored on.
        resamples: of the bootstrap.
        confidence: of the interval.
        baseline: micro-F1 of the baseline; `None` if nothing was expected or predicted.
        candidate: likewise of the candidate.
        difference: candidate minus baseline; 0 if either is `None`.
        interval: percentile interval of the difference.
        p_one_sided: that the candidate is not better; small means better.
        p_two_sided: that the two do not differ.
    """

    scheme: Mode
    documents: int
    resamples: int
    confidence: float
    baseline: float | None
    candidate: float | None
    difference: float
    interval: Interval
    p_one_sided: float
    p_two_sided: float

    def to_record(self) -> dict[str, Any]:
        """The test as a JSON object."""
        return asdict(self) | {"interval": list(self.interval)}


def compare(
    gold: Sequence[Document],
    baseline: Sequence[Document],
    candidate: Sequence[Document],
    *,
    scheme: Mode = "strict",
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> PairedTest:
    """Test whether the candidate's predictions are better than the baseline's: both see the same resamples.

    Args:
        gold: the documents with the expected spans.
        baseline: the same documents as one model annotated them.
        candidate: the same documents as the other model annotated them.
        scheme: what counts as right (see `schemes`).
        resamples: of the documents.
        confidence: of the interval.
        seed: of the resamples.

    Raises:
        DataError: the documents do not fit together (see `pair_documents`).
    """
    counts = [tally_micro(cases(pair_documents(gold, side), scheme), scheme) for side in (baseline, candidate)]
    before, after = (Score.of(side.sum(axis=0).tolist()).f1 for side in counts)
    (differences,) = resampled_differences([side[:, None] for side in counts], resamples, seed).T
    one_sided, two_sided = bootstrap.p_values(differences, informative(*counts))
    return PairedTest(
        scheme=scheme,
        documents=len(gold),
        resamples=resamples,
        confidence=confidence,
        baseline=before,
        candidate=after,
        difference=difference(before, after),
        interval=bootstrap.quantiles(differences, confidence),
        p_one_sided=one_sided,
        p_two_sided=two_sided,
    )


def resampled_differences(counts: Sequence[Ints], resamples: int, seed: int) -> Floats:
    """F1 of the second side minus F1 of the first in each resample, for each group of mentions.

    Args:
        counts: of the two sides, each of shape (documents, groups, 3).

    Returns:
        Shape (resamples, groups); 0 where one of the two is not defined.
    """
    columns = [part for side in counts for part in (side[..., RIGHT], side[..., GOLD] + side[..., PREDICTED])]
    sums = np.split(bootstrap.resampled_sums(np.concatenate(columns, axis=1), resamples, seed), 4, axis=1)
    return np.nan_to_num(bootstrap.f1(sums[2], sums[3]) - bootstrap.f1(sums[0], sums[1]), nan=0.0)


def informative(before: Ints, after: Ints) -> int:
    """How many documents hold anything that the difference depends on, from both sides' counts (documents, 3)."""
    return int((before + after).any(axis=1).sum())


def difference(before: float | None, after: float | None) -> float:
    """F1 after minus F1 before; 0 if either is `None`."""
    return 0.0 if before is None or after is None else after - before
