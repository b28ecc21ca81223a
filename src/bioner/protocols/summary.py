"""From the outcomes of trials to figures: means over seeds with intervals, and the gain of one arm over another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioner.documents import Document
from bioner.evaluation.bootstrap import Interval, round_off
from bioner.evaluation.schemes import Mode
from bioner.evaluation.score import score_documents
from bioner.evaluation.scores import Scores
from bioner.evaluation.significance import compare
from bioner.protocols.trial import Outcome, row_name

SHOWN: tuple[Mode, ...] = ("strict", "overlap")
Row = tuple[str, int | None]  # arm and shots


@dataclass(frozen=True, slots=True)
class Judge:
    """How outcomes are scored.

    Attributes:
        gold: the judged documents.
        resamples: of the bootstrap over documents.
        confidence: of all intervals.
        seed: of the resamples.
    """

    gold: Sequence[Document]
    resamples: int
    confidence: float
    seed: int

    def scores(self, outcome: Outcome) -> Scores:
        """The scores of one trial."""
        options = {"resamples": self.resamples, "confidence": self.confidence, "seed": self.seed}
        return score_documents(self.gold, outcome.predicted, modes=SHOWN, **options)  # type: ignore[arg-type]

    def summarise(self, outcomes: Sequence[Outcome], contrasts: Sequence[tuple[Row, Row]]) -> dict[str, Any]:
        """The rows, the gains and the trials, as JSON values."""
        scored = [(outcome, self.scores(outcome)) for outcome in outcomes]
        rows: dict[Row, list[tuple[Outcome, Scores]]] = {}
        for outcome, scores in scored:
            rows.setdefault((outcome.arm, outcome.k), []).append((outcome, scores))
        return {
            "results": {row_name(*row): self._row(members) for row, members in rows.items()},
            "gains": {
                f"{row_name(*new)} over {row_name(*old)}": self._gain(rows[new], rows[old]) for new, old in contrasts
            },
            "runs": {
                row_name(outcome.arm, outcome.k, outcome.seed): _run(outcome, scores) for outcome, scores in scored
            },
        }

    def _row(self, members: Sequence[tuple[Outcome, Scores]]) -> dict[str, Any]:
        """Mean and t interval over the seeds, and the interval over documents of the median seed."""
        record: dict[str, Any] = {"seeds": len(members)}
        for mode in SHOWN:
            values = [f1_of(scores, mode) for _, scores in members]
            middle = members[median_place(values)][1].schemes[mode].micro.interval
            record |= _figures(f"{mode} F1", values, self.confidence) | _ends(f"{mode} documents", middle)
        return record

    def _gain(self, new: Sequence[tuple[Outcome, Scores]], old: Sequence[tuple[Outcome, Scores]]) -> dict[str, Any]:
        """Differences of the same seed, and the paired bootstrap over documents of the seed with the median one."""
        pairs = paired(new, old)
        record: dict[str, Any] = {"seeds": len(pairs)}
        for mode in SHOWN:
            values = [f1_of(one[1], mode) - f1_of(other[1], mode) for one, other in pairs]
            one, other = pairs[median_place(values)]
            test = compare(
                self.gold,
                other[0].predicted,
                one[0].predicted,
                scheme=mode,
                resamples=self.resamples,
                confidence=self.confidence,
                seed=self.seed,
            )
            record |= _figures(f"{mode} gain", values, self.confidence) | _ends(f"{mode} documents", test.interval)
            record[f"{mode} p"] = test.p_two_sided
        return record


def _run(outcome: Outcome, scores: Scores) -> dict[str, Any]:
    gold = [lesson for lesson in outcome.lessons if lesson["name"] == "gold"]
    return {
        **{f"{mode} F1": round_off(f1_of(scores, mode)) for mode in SHOWN},
        "threshold": outcome.threshold,
        "updates": outcome.updates,
        "gold sentences": sum(lesson["documents"] for lesson in gold),
        "gold mentions": sum(lesson["spans"] for lesson in gold),
    }


def f1_of(scores: Scores, mode: Mode) -> float:
    """Micro-F1; a model that predicts nothing where nothing is expected has made no mistake, and found nothing."""
    return scores.schemes[mode].micro.f1 or 0.0


def paired(
    new: Sequence[tuple[Outcome, Scores]], old: Sequence[tuple[Outcome, Scores]]
) -> list[tuple[tuple[Outcome, Scores], tuple[Outcome, Scores]]]:
    """Trials of the same seed; a baseline that does not depend on the seed stands against all."""
    by_seed: Mapping[int, tuple[Outcome, Scores]] = {outcome.seed: (outcome, scores) for outcome, scores in old}
    if len(by_seed) == 1:
        return [(one, old[0]) for one in new]
    if len(new) == 1:
        return [(new[0], other) for other in old]
    return [(one, by_seed[one[0].seed]) for one in new]


def median_place(values: Sequence[float]) -> int:
    """Where the median stands (of an even number the lower one; of equal values the first)."""
    order = sorted(range(len(values)), key=lambda place: (values[place], place))
    return order[(len(order) - 1) // 2]


def t_interval(values: Sequence[float], confidence: float) -> Interval | None:
    """Student's interval of the mean over seeds: mean ± t s / sqrt(n); `None` for a single value.

    It says how far another choice of shots and weights would move the mean, not another choice of test documents.
    """
    if len(values) < 2:
        return None
    from scipy.special import stdtrit

    mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    half = float(stdtrit(len(values) - 1, (1 + confidence) / 2)) * spread / math.sqrt(len(values))
    return round_off(mean - half), round_off(mean + half)


def _figures(name: str, values: Sequence[float], confidence: float) -> dict[str, float | None]:
    return {name: round_off(float(np.mean(values)))} | _ends(f"{name} seeds", t_interval(values, confidence))


def _ends(name: str, interval: Interval | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {f"{name} low": low, f"{name} high": high}
