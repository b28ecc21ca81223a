"""The bootstrap: equal to a plain loop, close to SciPy's, and honest where nothing is defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bioner.evaluation import bootstrap

RNG = np.random.default_rng(5)
COUNTS = np.stack([RNG.integers(0, 4, 61), RNG.integers(5, 12, 61)], axis=1)  # right, gold plus predicted


def naive_sums(counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([counts[rng.integers(0, len(counts), len(counts))].sum(axis=0) for _ in range(resamples)])


@pytest.mark.parametrize("block", [1, 1000, 1 << 21])
def test_equals_a_plain_loop_whatever_the_size_of_a_block(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_BLOCK", block)
    sums = bootstrap.resampled_sums(COUNTS, 200, seed=3)
    assert np.array_equal(sums, naive_sums(COUNTS, 200, seed=3))


def test_every_resample_draws_as_many_documents_as_there_are() -> None:
    blocks = list(bootstrap.weights(documents=61, resamples=50, seed=1))
    assert np.concatenate(blocks).shape == (50, 61)
    assert all((block.sum(axis=1) == 61).all() for block in blocks)


def test_close_to_scipy() -> None:
    def score(right: np.ndarray, total: np.ndarray, axis: int) -> np.ndarray:
        return 2 * right.sum(axis=axis) / total.sum(axis=axis)

    theirs = stats.bootstrap(
        (COUNTS[:, 0], COUNTS[:, 1]), score, paired=True, vectorized=True, n_resamples=5000, method="percentile", rng=1
    ).confidence_interval
    sums = bootstrap.resampled_sums(COUNTS, 5000, seed=2)
    ours = bootstrap.interval(bootstrap.f1(sums[:, 0], sums[:, 1]), 0.95)
    width = theirs.high - theirs.low
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05 * width)


def test_f1_is_undefined_without_gold_and_prediction() -> None:
    values = bootstrap.f1(np.array([0.0, 0.0, 2.0]), np.array([0.0, 3.0, 4.0]))
    assert np.isnan(values[0])
    assert values[1:].tolist() == [0.0, 1.0]


def test_interval_leaves_undefined_values_out() -> None:
    values = np.array([np.nan, 0.0, 0.5, 1.0, np.nan])
    assert bootstrap.interval(values, 0.5) == (0.25, 0.75)
    assert bootstrap.interval(values[:1], 0.95) is None


@pytest.mark.parametrize(
    ("differences", "one_sided", "two_sided"),
    [
        ([0.1] * 9, 0.1, 0.2),  # always better: as small as nine resamples allow
        ([-0.1] * 9, 1.0, 0.2),  # always worse
        ([0.0] * 9, 1.0, 1.0),  # never any different
        ([0.1] * 8 + [-0.1], 0.2, 0.4),
        ([0.1] * 5 + [-0.1] * 4, 0.5, 1.0),
    ],
)
def test_p_values(differences: list[float], one_sided: float, two_sided: float) -> None:
    assert bootstrap.p_values(np.array(differences), 1) == (one_sided, two_sided)
    many = bootstrap.p_values(np.array(differences), 10**9)
    assert many == pytest.approx((one_sided, two_sided), abs=1e-5)


@pytest.mark.parametrize("documents", [2, 15, 200])
def test_p_values_are_those_of_the_t_test_where_differences_are_normal(documents: int) -> None:
    """The spread of resamples is that of the sample as it is, not the unbiased one that the test takes."""
    sample = stats.norm.ppf((np.arange(documents) + 0.5) / documents) + 0.3
    mean, spread = sample.mean(), sample.std() / math.sqrt(documents)
    resampled = mean + spread * stats.norm.ppf((np.arange(10**5) + 0.5) / 10**5)
    expected = [stats.ttest_1samp(sample, 0.0, alternative=which).pvalue for which in ("greater", "two-sided")]
    assert bootstrap.p_values(resampled, documents) == pytest.approx(expected, abs=1e-3)


def test_equal_models_on_few_documents_are_told_apart_no_more_often_than_the_level_says() -> None:
    """Without the correction, it is 7 % at a level of 5 %."""
    chance, pairs, documents = np.random.default_rng(2), 4000, 15
    drawn = np.concatenate(list(bootstrap.weights(documents, 400, 1))) / documents
    gains = chance.normal(size=(documents, pairs))
    found = [bootstrap.p_values(column, documents)[0] <= 0.05 for column in (drawn @ gains).T]
    assert np.mean(found) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / pairs)
