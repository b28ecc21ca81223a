"""The metric: every F1 that this project prints anywhere comes from here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from bioner.documents import Document, read_documents
from bioner.evaluation import bootstrap
from bioner.evaluation.bootstrap import Floats
from bioner.evaluation.counts import GOLD, MICRO, PREDICTED, RIGHT, Cell, Ints, cases, cells_of, tally
from bioner.evaluation.error_analysis import KINDS, errors_of
from bioner.evaluation.facets import Facet
from bioner.evaluation.mentions import Case
from bioner.evaluation.pairing import pair_documents
from bioner.evaluation.schemes import SCHEMES, Mode, overlapping
from bioner.evaluation.scores import Average, Duplicates, SchemeScores, Score, Scores


def score_documents(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    modes: Sequence[Mode] = SCHEMES,
    facets: Sequence[Facet] = (),
) -> Scores:
    """Score predictions against gold documents.

    Args:
        gold: the documents with the expected spans.
        predicted: the same documents (by id, with equal texts) with the predicted spans, in any order.
        resamples: of the documents, for the intervals of F1.
        confidence: of the intervals.
        seed: of the resamples.
        modes: the scoring schemes (see `schemes`).
        facets: further ways to group the mentions.

    Raises:
        DataError: the documents do not fit together (see `pair_documents`).
    """
    pairs = pair_documents(gold, predicted)
    documents = cases(pairs, "strict")
    cells = cells_of(documents, facets)
    kinds = Counter(error.kind for error in errors_of(documents))
    schemes = {}
    for mode in modes:
        counts = tally(documents if mode in SCHEMES else cases(pairs, mode), cells, mode, facets)
        schemes[mode] = _scheme(cells, counts, _resampled_f1(counts, resamples, seed), confidence, facets)
    return Scores(
        documents=len(pairs),
        resamples=resamples,
        confidence=confidence,
        duplicates=_duplicates(pairs, documents),
        paired=sum(len(overlapping(case)) for case in documents),
        errors={kind: kinds[kind] for kind in KINDS},
        schemes=schemes,
    )


def score_files(gold: Path, predicted: Path) -> Scores:
    """Score one document file against another.

    Raises:
        DataError: a file is not valid, or the files do not fit together.
    """
    return score_documents(list(read_documents(gold)), list(read_documents(predicted)))


def strict_f1(gold: Sequence[Document], predicted: Sequence[Document]) -> float | None:
    """Strict micro-F1 alone; `None` if nothing was expected or predicted."""
    return score_documents(gold, predicted, resamples=1, modes=("strict",)).schemes["strict"].micro.f1


def _resampled_f1(counts: Ints, resamples: int, seed: int) -> Floats:
    """F1 of each cell in each resample: (documents, cells, 3) -> (resamples, cells)."""
    columns = np.concatenate([counts[..., RIGHT], counts[..., GOLD] + counts[..., PREDICTED]], axis=1)
    right, total = np.split(bootstrap.resampled_sums(columns, resamples, seed), 2, axis=1)
    return bootstrap.f1(right, total)


def _scheme(
    cells: Sequence[Cell], counts: Ints, resampled: Floats, confidence: float, facets: Sequence[Facet]
) -> SchemeScores:
    totals = counts.sum(axis=0)
    scores = {
        cell: Score.of(totals[place].tolist(), bootstrap.interval(resampled[:, place], confidence))
        for place, cell in enumerate(cells)
    }
    names = ("types", "languages", "shapes", *(facet.name for facet in facets))
    groups = {name: {key: score for (group, key), score in scores.items() if group == name} for name in names}
    of_types = resampled[:, [place for place, (group, _) in enumerate(cells) if group == "types"]]
    macro = _macro(groups["types"].values(), of_types, confidence)
    types, languages, shapes = (groups.pop(name) for name in names[:3])
    return SchemeScores(scores[MICRO], macro, types, languages, shapes, groups)


def _macro(types: Iterable[Score], resampled: Floats, confidence: float) -> Average:
    values = [score.f1 for score in types if score.f1 is not None]
    if not values:
        return Average(None)
    defined = ~np.isnan(resampled)
    sums, sizes = np.where(defined, resampled, 0.0).sum(axis=1), defined.sum(axis=1)
    means = np.full(sums.shape, np.nan)
    np.divide(sums, sizes, out=means, where=sizes > 0)
    return Average(bootstrap.round_off(sum(values) / len(values)), bootstrap.interval(means, confidence))


def _duplicates(pairs: Sequence[tuple[Document, Document]], documents: Sequence[Case]) -> Duplicates:
    gold = sum(len(one.spans) - len(case.gold) for (one, _), case in zip(pairs, documents, strict=True))
    predicted = sum(len(other.spans) - len(case.predicted) for (_, other), case in zip(pairs, documents, strict=True))
    return Duplicates(gold, predicted)
