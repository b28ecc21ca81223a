"""What a window is asked for follows the shares of the phase, and no entity ever becomes a false negative."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.config import LabelSampling
from bioner.entity_types import EntityTypes, TypeName
from bioner.gliner.asking import Asking, wordings
from bioner.gliner.batches import Schedule
from bioner.gliner.examples import Example, Examples
from bioner.gliner.fit import row_of
from bioner.windows import Limits

GROUP = ("en", "one")
LIMITS = Limits(words=30, tokens=80, width=4)
ILL = TypeName(name="disease", definition="what ails a patient", synonyms=("illness", "disorder"))
TYPES = EntityTypes(
    {"dis": {"en": ILL}, "dru": {"en": TypeName(name="drug")}}
    | {key: {"en": TypeName(name=f"type {key}", definition=f"about {key}")} for key in "abcdef"}
)


def sampling(**shares: float) -> LabelSampling:
    off = {"negatives": 2, "hard_negatives": 0.0, "label_dropout": 0.0, "synonyms": 0.0, "definitions": 0.0}
    return LabelSampling.model_validate(off | shares)


def asking(settings: LabelSampling, most: int = 8, examples: tuple[Example, ...] = ()) -> Asking:
    return Asking.of(Examples({GROUP: examples}, {GROUP: TYPES.keys}, {}, False), TYPES, settings, most)


def drawn(ask: Asking, present: set[str], times: int = 400) -> list[tuple[tuple[str, str], ...]]:
    rng = Random(1)
    return [prompt for _ in range(times) for prompt in ask.prompts(GROUP, present, rng)]


SHARES = st.sampled_from([0.0, 0.4, 1.0])


@settings(max_examples=80, deadline=None)
@given(st.frozensets(st.sampled_from(TYPES.keys)), st.integers(1, 9), st.integers(0, 4), SHARES, SHARES)
def test_a_prompt_is_never_empty_too_long_or_repeats_a_type(present, most, negatives, dropout, synonyms) -> None:
    shares = sampling(negatives=negatives, label_dropout=dropout, synonyms=synonyms, definitions=1 - synonyms)
    prompts = asking(shares, most).prompts(GROUP, present, Random(negatives))
    for prompt in prompts:
        assert 1 <= len(prompt) <= most
        assert len({key for key, _ in prompt}) == len(prompt)
        assert all(text in wordings(TYPES.called("en")[key], shares) for key, text in prompt)
    asked = Counter(key for prompt in prompts for key, _ in prompt if key in present)
    assert max(asked.values(), default=1) == 1
    if not dropout:
        assert set(asked) == present


def test_a_type_is_dropped_as_often_as_asked_and_never_the_last_one() -> None:
    prompts = drawn(asking(sampling(label_dropout=0.25)), {"dis", "a"})
    kept = Counter(key for prompt in prompts for key, _ in prompt)
    assert 0.65 < kept["dis"] / len(prompts) < 0.85
    everything = drawn(asking(sampling(label_dropout=1.0)), set(TYPES.keys), 50)
    assert {len(prompt) for prompt in everything} == {1}


def test_types_are_worded_as_often_as_asked() -> None:
    prompts = drawn(asking(sampling(synonyms=0.3, definitions=0.2)), {"dis", "dru"}, 1000)
    words = Counter(text for prompt in prompts for key, text in prompt if key == "dis")
    assert words.keys() == {"disease", "illness", "disorder", "what ails a patient"}
    assert 0.15 < words["what ails a patient"] / 1000 < 0.25
    assert 0.25 < (words["illness"] + words["disorder"]) / 1000 < 0.35
    assert {text for prompt in prompts for key, text in prompt if key == "dru"} == {"drug"}
    assert {text for prompt in drawn(asking(sampling()), {"dis"}) for key, text in prompt if key == "dis"} == {
        "disease"
    }


def test_only_wordings_in_use_are_counted() -> None:
    assert wordings(ILL, sampling()) == ("disease",)
    assert wordings(ILL, sampling(synonyms=0.1)) == ("disease", "illness", "disorder")
    assert wordings(ILL, sampling(definitions=0.1)) == ("disease", "what ails a patient")
    assert wordings(TypeName(name="drug"), sampling(synonyms=0.5, definitions=0.5)) == ("drug",)


def test_hard_negatives_are_like_what_is_present_and_fill_their_share() -> None:
    places = {"dis": (1, 2), "a": (1, 3), "b": (4, 5), "c": (6,)}
    examples = tuple(Example(tuple((w,) for w in words), ((0, 0, key),)) for key, words in places.items())

    def negatives(share: float) -> Counter[str]:
        prompts = drawn(asking(sampling(negatives=1, hard_negatives=share), examples=examples), {"dis"})
        return Counter(key for prompt in prompts for key, _ in prompt if key != "dis")

    assert set(negatives(1.0)) == {"a"}
    assert 170 < negatives(0.5)["a"] < 290  # half of 400 by choice, and a seventh of the others by chance
    assert negatives(0.0)["a"] < 90
    assert len(negatives(0.0)) == len(TYPES.keys) - 1


def test_more_negatives_than_alike_types_are_filled_at_random() -> None:
    examples = (Example(((1,),), ((0, 0, "dis"),)), Example(((1,),), ((0, 0, "a"),)))
    prompts = drawn(asking(sampling(negatives=3, hard_negatives=1.0), examples=examples), {"dis"}, 50)
    assert {len(prompt) for prompt in prompts} == {4}
    assert all("a" in dict(prompt) for prompt in prompts)


words = st.lists(st.sampled_from(TYPES.keys), max_size=6).map(
    lambda keys: Example(((1,),) * 7, tuple((n, n, key) for n, key in enumerate(keys)))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=1, max_size=8), st.integers(1, 4), SHARES, SHARES)
def test_every_entity_of_a_type_that_is_asked_for_is_a_target(pieces, most, dropout, hard) -> None:
    """Also where a window has more types than a prompt: without dropping, all its entities are learnt, each once."""
    examples = Examples({GROUP: tuple(pieces)}, {GROUP: TYPES.keys}, {}, False)
    ask = Asking.of(examples, TYPES, sampling(label_dropout=dropout, hard_negatives=hard), most)
    schedule = Schedule(examples, LIMITS, ask, batch_size=2, seed=1)
    prompts = {text: (9,) for name in TYPES.called("en").values() for text in wordings(name, ask.sampling)}
    learnt: Counter[str] = Counter()
    for window in (window for batch in schedule.epoch(0) for window in batch):
        row = row_of(window, prompts)
        offsets = [sum(row.segments[:number]) for number in range(len(row.segments))]
        expected = {
            (offset + first, offset + last, window.types.index(key))
            for offset, piece in zip(offsets, window.examples, strict=True)
            for first, last, key in piece.spans
            if key in window.types
        }
        assert set(row.targets) == expected
        assert len(row.prompt) == len(window.types)
        learnt.update(window.types[column] for _, _, column in row.targets)
    if not dropout:
        assert learnt == Counter(key for piece in pieces for _, _, key in piece.spans)
    assert schedule.epoch(0) == Schedule(examples, LIMITS, ask, batch_size=2, seed=1).epoch(0)
