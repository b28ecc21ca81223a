"""The shares of the languages: as many batches in all, never none, and the more alike the hotter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bioner.tagger.mixing import batch_counts

BATCHES = st.dictionaries(st.sampled_from(["de", "en", "fr", "zh"]), st.integers(1, 5000), min_size=1)


@given(BATCHES)
def test_at_one_each_language_has_its_own(batches: dict[str, int]) -> None:
    assert batch_counts(batches, 1.0) == batches


@given(BATCHES, st.floats(0.05, 1e6))
def test_there_are_as_many_as_before_and_each_language_has_some(batches: dict[str, int], temperature: float) -> None:
    counts = batch_counts(batches, temperature)
    assert list(counts) == list(batches)
    assert sum(counts.values()) == sum(batches.values())
    assert min(counts.values()) >= 1


@given(BATCHES, st.floats(1.0, 50.0))
def test_the_shares_are_those_of_the_formula(batches: dict[str, int], temperature: float) -> None:
    powers = {language: count ** (1 / temperature) for language, count in batches.items()}
    for language, count in batch_counts(batches, temperature).items():
        exact = sum(batches.values()) * powers[language] / sum(powers.values())
        assert abs(count - exact) < 1 + len(batches)  # rounding, and what a language gives to one that has none


def test_the_hotter_the_more_alike() -> None:
    batches = {"en": 900, "zh": 100}
    shares = [batch_counts(batches, temperature)["zh"] for temperature in (0.5, 1.0, 2.0, 5.0, 1e9)]
    assert shares == [12, 100, 250, 392, 500]
