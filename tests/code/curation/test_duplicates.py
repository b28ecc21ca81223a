"""Tests of near-duplicates: those planted are found, and every one found is one."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.curation.duplicates import repeated, resemble
from bioner.curation.hashing import word_hashes
from bioner.curation.minhash import Signed, Signer


@dataclass(frozen=True)
class Planted:
    """Texts of which some nearly repeat an earlier one, and the numbers of those."""

    texts: list[str]
    repeats: set[int]


def _planted(count: int, seed: int) -> Planted:
    """Random texts of 60 words, every fifth an earlier one with the last word changed (Jaccard 57/59)."""
    rng = random.Random(seed)
    texts: list[list[str]] = []
    for number in range(count):
        fresh = [f"w{rng.randrange(2000)}" for _ in range(60)]
        texts.append([*texts[number - 3][:-1], f"changed{number}"] if number % 5 == 4 else fresh)
    return Planted([" ".join(text) for text in texts], {number for number in range(count) if number % 5 == 4})


def _signed(texts: list[str], threshold: float, seed: int = 1) -> Signed:
    return Signer(threshold, seed).sign(word_hashes(texts), "en")


def _repeated(texts: list[str], threshold: float, seed: int = 1) -> list[bool]:
    flags: list[bool] = repeated(_signed(texts, threshold, seed), threshold, np.zeros(len(texts), np.bool_)).tolist()
    return flags


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[start : start + 3]) for start in range(max(len(words) - 3, 0) + 1)}


def _jaccard(left: str, right: str) -> float:
    one, other = _shingles(left), _shingles(right)
    return len(one & other) / len(one | other)


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_near_duplicates_are_found_and_no_others(seed: int) -> None:
    planted = _planted(2000, seed)
    found = {number for number, flag in enumerate(_repeated(planted.texts, 0.8, seed)) if flag}
    assert found <= planted.repeats
    assert len(found) >= 0.99 * len(planted.repeats)


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.95])
def test_nearly_all_pairs_just_at_the_threshold_are_found(threshold: float) -> None:
    rng = random.Random(1)
    pairs: list[tuple[str, str]] = []
    while len(pairs) < 200:
        one = [f"v{rng.randrange(10**6)}" for _ in range(80)]
        keep = rng.randrange(1, 80)
        other = [*one[:keep], *(f"v{rng.randrange(10**6)}" for _ in range(rng.randrange(3)))]
        if 0 <= _jaccard(" ".join(one), " ".join(other)) - threshold <= 0.03:
            pairs.append((" ".join(one), " ".join(other)))
    flags = _repeated([text for pair in pairs for text in pair], threshold)
    assert sum(flags[1::2]) >= 0.95 * len(pairs)
    assert not any(flags[::2])


def test_the_exact_similarity_decides() -> None:
    text = " ".join("abcdefghijklmnopqrst")
    nearly = text[:-1] + "z"
    assert _jaccard(text, nearly) == pytest.approx(17 / 19)
    assert _repeated([text, nearly], 17 / 19 - 0.01) == [False, True]
    assert _repeated([text, nearly], 17 / 19 + 0.01) == [False, False]


def test_the_first_survives_and_only_survivors_count() -> None:
    first = [f"w{number}" for number in range(100)]
    second, third = [*first[:90], *(f"x{n}" for n in range(10))], [*first[:80], *(f"y{n}" for n in range(20))]
    texts = [" ".join(text) for text in (first, second, third)]
    assert _jaccard(texts[0], texts[1]) > 0.75 > _jaccard(texts[0], texts[2])
    fourth = " ".join([*second[:95], *(f"z{n}" for n in range(5))])  # near the second, which is not kept
    assert _jaccard(texts[1], fourth) > 0.75
    assert _jaccard(texts[0], fourth) > 0.75
    assert _repeated([*texts, fourth], 0.75) == [False, True, False, True]
    far = " ".join([*second[20:], *(f"u{n}" for n in range(10))])
    assert _jaccard(texts[1], far) > 0.65 > _jaccard(texts[0], far)
    assert _repeated([texts[0], texts[1], far], 0.65) == [False, True, False]


def test_texts_that_are_left_out_stand_for_nothing() -> None:
    signed = _signed(["one two three four"] * 3, 0.8)
    assert repeated(signed, 0.8, np.array([True, False, False])).tolist() == [False, False, True]


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map(" ".join), max_size=8))
@settings(deadline=None, max_examples=50)
def test_what_is_found_is_near_a_kept_one(texts: list[str]) -> None:
    flags = _repeated(texts, 0.6)
    for number, flag in enumerate(flags):
        near = [n for n in range(number) if not flags[n] and _jaccard(texts[n], texts[number]) >= 0.6 - 1e-9]
        assert bool(near) or not flag
        assert flag or not any(_shingles(texts[n]) == _shingles(texts[number]) for n in near)


@given(
    st.lists(st.text("abcd", min_size=1, max_size=8).map(" ".join), max_size=6),
    st.lists(st.text("abcd", min_size=1, max_size=8).map(" ".join), max_size=6),
)
@settings(deadline=None, max_examples=50)
def test_resembling_is_near_a_known_one(texts: list[str], known: list[str]) -> None:
    flags = resemble(_signed(texts, 0.6), _signed(known, 0.6), 0.6).tolist()
    for text, flag in zip(texts, flags, strict=True):
        best = max((_jaccard(text, other) for other in known), default=0.0)
        assert best >= 0.6 - 1e-9 if flag else best < 1


def test_many_known_ones_of_one_kind() -> None:
    known = ["one two three four five"] * 10_000
    assert resemble(_signed(["one two three four five", "a b c d e"], 0.8), _signed(known, 0.8), 0.8).tolist() == [
        True,
        False,
    ]


def test_seeds_differ_in_their_signatures_and_not_in_their_sets() -> None:
    one, same, other = (_signed(_planted(20, 1).texts, 0.8, seed) for seed in (1, 1, 2))
    assert (one.bands == same.bands).all()
    assert (one.bands != other.bands).any()
    assert (one.shingles.values == other.shingles.values).all()
