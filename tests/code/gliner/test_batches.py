"""Batches are a function of seed and step; packing loses nothing and mixes no languages or sources."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.config import LabelSampling
from bioner.entity_types import EntityTypes
from bioner.gliner.asking import Asking
from bioner.gliner.batches import Schedule, pack
from bioner.gliner.examples import Example, Examples
from bioner.gliner.overlap import Overlap
from bioner.windows import Limits

LIMITS = Limits(words=20, tokens=50, width=4)
KEYS = ("a", "b", "c", "d")

examples_strategy = st.lists(
    st.builds(
        lambda words, keys, name: Example(((name,),) * words, tuple((0, 0, key) for key in sorted(keys))),
        st.integers(1, LIMITS.words),
        st.frozensets(st.sampled_from(KEYS), max_size=2),
        st.integers(0, 10**6),
    ),
    max_size=40,
)


def _examples(english: list[Example], chinese: list[Example]) -> Examples:
    groups = {("en", "one"): tuple(english), ("zh", "two"): tuple(chinese)}
    return Examples(groups, {("en", "one"): KEYS, ("zh", "two"): KEYS[:3]}, {}, Overlap.FLAT)


def _schedule(examples: Examples, seed: int = 5, max_types: int = 4, negatives: int = 1) -> Schedule:
    sampling = LabelSampling(negatives=negatives, hard_negatives=0, label_dropout=0, synonyms=0, definitions=0)
    asking = Asking.of(examples, EntityTypes.of_words(KEYS), sampling, max_types)
    return Schedule(examples, LIMITS, asking, batch_size=3, seed=seed)


@given(examples_strategy)
def test_packing_loses_nothing_and_stays_within_the_limits(examples) -> None:
    windows = pack(examples, LIMITS)
    assert Counter(example for window in windows for example in window) == Counter(examples)
    for window in windows:
        assert sum(len(example.words) for example in window) <= LIMITS.words
        assert sum(example.tokens for example in window) <= LIMITS.tokens


@settings(max_examples=50)
@given(examples_strategy, examples_strategy)
def test_an_epoch_holds_every_example_once_in_its_own_group(english, chinese) -> None:
    examples = _examples(english, chinese)
    windows = [window for batch in _schedule(examples).epoch(0) for window in batch]
    for group, expected in examples.groups.items():
        found = [example for window in windows if window.group == group for example in window.examples]
        assert Counter(found) == Counter(expected)


@settings(max_examples=50)
@given(examples_strategy, st.integers(0, 3))
def test_a_prompt_holds_the_types_of_its_window_and_sampled_others(english, negatives) -> None:
    for batch in _schedule(_examples(english, []), negatives=negatives).epoch(1):
        for window in batch:
            present = {key for example in window.examples for _, _, key in example.spans}
            assert present <= set(window.types) <= set(KEYS)
            assert len(set(window.types)) == len(window.types)
            absent = len(KEYS) - len(present)
            assert len(window.types) - len(present) == min(max(negatives, int(not present)), absent)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_types_that_no_prompt_holds_share_several_and_none_is_left_out(most: int) -> None:
    crowded = [Example(((number,),) * 20, tuple((n, n, key) for n, key in enumerate(KEYS))) for number in range(9)]
    windows = [w for batch in _schedule(_examples(crowded, []), max_types=most).epoch(0) for w in batch]
    assert max(len(window.types) for window in windows) <= most
    asked = Counter((window.examples, key) for window in windows for key in window.types)
    assert asked == {((example,), key): 1 for example in crowded for key in KEYS}


@pytest.mark.parametrize(
    ("negatives", "expected"),
    # pragma: allowlist nextline secret
    [(0, "c726b284ba7cddbd"), (1, "b95385ded35ea729"), (3, "708d63187f24dcd0")],
)
def test_the_batches_of_a_seed_stay_as_they_always_were(negatives: int, expected: str) -> None:
    """Hashes of the batches before windows could be asked in other ways: these must not change any earlier result."""
    english = [Example(((n,),) * (1 + n % 9), ((0, 0, KEYS[n % 4]),) * (n % 3 > 0)) for n in range(60)]
    chinese = [Example(((n, n),) * (3 + n % 5), ((1, 2, KEYS[n % 3]),) * (n % 2)) for n in range(30)]
    schedule = _schedule(_examples(english, chinese), negatives=negatives)
    drawn = [
        [[window.group, [example.words[0][0] for example in window.examples], window.types] for window in batch]
        for batch in map(schedule.at, range(40))
    ]
    assert sha256(json.dumps(drawn).encode()).hexdigest()[:16] == expected


def test_batches_follow_from_seed_and_step_alone() -> None:
    english = [Example(((n,),) * (1 + n % 9), ((0, 0, KEYS[n % 4]),)) for n in range(50)]
    chinese = [Example(((n, n),) * (3 + n % 5), ()) for n in range(20)]
    one, other = _schedule(_examples(english, chinese)), _schedule(_examples(english, chinese))
    forward = [one.at(step) for step in range(25)]
    assert [other.at(step) for step in reversed(range(25))] == forward[::-1]
    assert [_schedule(_examples(english, chinese), seed=6).at(step) for step in range(25)] != forward
    assert one.epoch(0) != one.epoch(1)
