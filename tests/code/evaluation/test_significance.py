"""The paired test: it finds what is there, doubts what is not, and is fast."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest
from brute_force import document
from scipy import stats

from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.evaluation.significance import compare

SPANS = (Span.of(0, 2, "A"), Span.of(3, 6, "B"), Span(((7, 8), (9, 10)), "A"), Span.of(7, 12, "B"))


def gold_of(documents: int) -> list[Document]:
    return [document(SPANS, f"{n:05}") for n in range(documents)]


def model(gold: list[Document], recall: float, seed: int) -> list[Document]:
    rng = random.Random(seed)
    return [d.with_spans([span for span in d.spans if rng.random() < recall]) for d in gold]


GOLD = gold_of(150)


def test_better_model_is_found() -> None:
    test = compare(GOLD, model(GOLD, 0.6, 1), model(GOLD, 0.8, 2))
    assert test.baseline is not None
    assert test.candidate is not None
    assert test.difference == test.candidate - test.baseline
    assert 0 < test.interval[0] < test.difference < test.interval[1]
    assert test.p_one_sided < 0.01
    assert test.p_two_sided < 0.02


def test_the_direction_matters() -> None:
    there = compare(GOLD, model(GOLD, 0.6, 1), model(GOLD, 0.8, 2))
    back = compare(GOLD, model(GOLD, 0.8, 2), model(GOLD, 0.6, 1))
    assert back.difference == -there.difference
    assert back.interval == (-there.interval[1], -there.interval[0])
    assert back.p_one_sided > 0.99
    assert back.p_two_sided == there.p_two_sided


def test_equally_good_models_are_not_told_apart() -> None:
    p = [compare(GOLD, model(GOLD, 0.7, 2 * n), model(GOLD, 0.7, 2 * n + 1), resamples=300) for n in range(40)]
    assert sum(test.p_two_sided <= 0.05 for test in p) <= 7  # expected: 2 of 40; more than 7 in one of 3,000 tries
    assert 0.25 < np.mean([test.p_one_sided for test in p]) < 0.75


def test_a_model_against_itself() -> None:
    same = model(GOLD, 0.7, 1)
    test = compare(GOLD, same, same)
    assert (test.difference, test.interval, test.p_one_sided, test.p_two_sided) == (0.0, (0.0, 0.0), 1.0, 1.0)


def test_scheme_decides() -> None:
    baseline = [d.with_spans([Span.of(s.start, s.end, s.label) for s in d.spans]) for d in GOLD]
    assert compare(GOLD, baseline, GOLD, scheme="strict").difference == pytest.approx(0.25)
    assert compare(GOLD, baseline, GOLD, scheme="overlap").difference == 0.0


def test_equals_a_plain_loop() -> None:
    gold = gold_of(40)
    sides = model(gold, 0.5, 1), model(gold, 0.6, 2)
    test = compare(gold, *sides, resamples=100, seed=4)
    rng = np.random.default_rng(4)
    differences = []
    for _ in range(100):
        drawn = rng.integers(0, 40, 40)
        f1 = []
        for side in sides:
            found = sum(len(side[n].spans) for n in drawn)
            f1.append(2 * found / (sum(len(gold[n].spans) for n in drawn) + found))
        differences.append(f1[1] - f1[0])
    assert test.interval == pytest.approx(np.quantile(differences, (0.025, 0.975)), abs=1e-6)
    p = (1 + sum(d <= 0 for d in differences)) / 101
    assert test.p_one_sided == pytest.approx(stats.t(39).cdf(stats.norm.ppf(p) * math.sqrt(39 / 40)), abs=1e-6)


def test_undefined_f1_is_no_difference() -> None:
    empty = [document([], str(n)) for n in range(3)]
    silent_and_loud = compare(empty, empty, [d.with_spans(SPANS) for d in empty])
    assert (silent_and_loud.baseline, silent_and_loud.candidate) == (None, 0.0)
    assert (silent_and_loud.difference, silent_and_loud.p_one_sided) == (0.0, 1.0)


def test_both_sides_have_to_fit_the_gold_documents() -> None:
    with pytest.raises(DataError, match="no prediction"):
        compare(GOLD, GOLD, GOLD[1:])


def test_record_is_complete_and_repeatable() -> None:
    first, second = (compare(GOLD, model(GOLD, 0.6, 1), GOLD, seed=9).to_record() for _ in range(2))
    assert first == second
    assert first["interval"] == list(compare(GOLD, model(GOLD, 0.6, 1), GOLD, seed=9).interval)
    assert {"scheme", "documents", "resamples", "p_one_sided", "p_two_sided", "difference"} <= set(first)


@pytest.mark.slow
def test_thousand_paired_resamples_of_five_thousand_documents_within_two_seconds() -> None:
    gold = gold_of(5000)
    sides = model(gold, 0.6, 1), model(gold, 0.61, 2)

    def seconds() -> float:
        began = time.process_time()
        compare(gold, *sides)
        return time.process_time() - began

    assert min(seconds() for _ in range(3)) < 2.0
