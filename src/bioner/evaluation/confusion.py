"""Confusion of types: as what each gold mention was found, and what was found where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bioner.evaluation.error_analysis import Error
from bioner.evaluation.mentions import Case
from bioner.evaluation.schemes import strict

Confused = tuple[str | None, str | None]  # type of a gold mention, type of its prediction; `None` where there is none


def confusion(documents: Iterable[Case], errors: Iterable[Error]) -> Counter[Confused]:
    """How often a gold mention of one type was found as another.

    Pairs are those of `error_analysis`: right mentions first, then whatever shares characters. So every gold mention
    and every prediction counts once, and a pair of one type may differ in its boundary.

    Args:
        documents: both sides.
        errors: all errors in these documents.
    """
    counts: Counter[Confused] = Counter()
    for case in documents:
        counts.update((case.gold[i].label, case.gold[i].label) for i, _ in strict(case))
    counts.update(
        (error.gold.label if error.gold else None, error.predicted.label if error.predicted else None)
        for error in errors
    )
    return counts
