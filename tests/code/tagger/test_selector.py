"""The selector is asked about each span alone, and taught by claims that are right or wrong beyond doubt."""

from __future__ import annotations

from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bioner.tagger.contrast import ClaimSchedule, claims_of
from bioner.tagger.examples import Example
from bioner.tagger.model import TaggerModel
from bioner.tagger.selector import Asked, Question, judge
from bioner.words import Words

WORDS = tuple((number,) for number in range(6))
extents = st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] <= pair[1])
mentions = st.fixed_dictionaries({key: st.lists(extents, max_size=3, unique=True).map(tuple) for key in "abc"})


@given(mentions, st.integers(0, 4), st.randoms(use_true_random=False))
def test_claims_are_right_exactly_for_gold_spans(
    gold: dict[str, tuple[tuple[int, int], ...]], negatives: int, random: Random
) -> None:
    claims = claims_of(Example("en", WORDS, gold), negatives, random)
    right = [(claim.key, claim.extent) for claim in claims if claim.right]
    assert sorted(right) == sorted((key, extent) for key, found in gold.items() for extent in found)
    for claim in claims:
        assert claim.right == (claim.extent in gold[claim.key])
        assert 0 <= claim.extent[0] <= claim.extent[1] < len(WORDS)
    assert len(claims) - len(right) <= negatives * len(right)


def test_wrong_claims_are_of_both_kinds() -> None:
    example = Example("en", WORDS, {"a": ((2, 3),), "b": (), "c": ()})
    wrong = [claim for claim in claims_of(example, 8, Random(0)) if not claim.right]
    assert {claim.key for claim in wrong} == {"a", "b", "c"}
    assert {claim.extent for claim in wrong if claim.key != "a"} == {(2, 3)}
    assert len({(claim.key, claim.extent) for claim in wrong}) == len(wrong) == 8


def test_a_step_of_claims_is_a_function_of_the_step() -> None:
    examples = tuple(Example("en", WORDS, {"a": ((n, n),), "b": ()}) for n in range(6))
    schedule = ClaimSchedule(examples, 2, 2, seed=3)
    assert schedule.at(4) == schedule.at(4)
    assert len({repr(schedule.at(step)) for step in range(6)}) == 6


def asked(model: TaggerModel, text: str, language: str, extents: list[tuple[int, int]]) -> Asked:
    pieces = model.prompts.pieces
    questions = [Question(pieces.of_text("disease:"), extent) for extent in extents]
    return Asked(language, pieces.of_words(text, Words.of(text)), questions)


@torch.inference_mode()
def test_questions_do_not_see_each_other(tiny: TaggerModel) -> None:
    first, second = "Patients with acute asthma.", "患者有急性哮喘。"
    together = judge(
        tiny.network,
        [
            asked(tiny, first, "en", [(0, 0), (2, 3)]),
            asked(tiny, second, "zh", []),
            asked(tiny, second, "zh", [(3, 6)]),
        ],
        tiny.prompts,
    )
    alone = [
        judge(tiny.network, [asked(tiny, text, language, [extent])], tiny.prompts)[0][0]
        for text, language, extent in ((first, "en", (0, 0)), (first, "en", (2, 3)), (second, "zh", (3, 6)))
    ]
    assert [len(one) for one in together] == [2, 0, 1]
    assert [*together[0], *together[2]] == pytest.approx(alone, abs=1e-4)
    assert len({round(probability, 4) for probability in alone}) == 3


@torch.inference_mode()
def test_no_question_needs_no_pass(tiny: TaggerModel) -> None:
    assert judge(tiny.network, [asked(tiny, "asthma", "en", [])], tiny.prompts) == [[]]
