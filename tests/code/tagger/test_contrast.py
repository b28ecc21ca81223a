"""A step of the selector's training is a function of the step, and its rankings are those of the claims."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from bioner.entity_types import EntityTypes
from bioner.tagger.claims import Attempt, Claim
from bioner.tagger.contrast import ClaimSchedule, judging_batch
from bioner.tagger.model import TaggerModel
from bioner.tagger.selector import ranking_loss
from bioner.words import Words

WORDS = tuple((number,) for number in range(6))
TYPES = EntityTypes.of_words(["disease", "drug"])


def test_a_step_of_claims_is_a_function_of_the_step() -> None:
    attempts = tuple(Attempt("en", WORDS, {"a": ((n, n),), "b": ()}, (("a", (n, 5)),)) for n in range(6))
    schedule = ClaimSchedule(attempts, 2, 3, seed=3)
    assert schedule.at(4) == schedule.at(4)
    assert len({repr(schedule.at(step)) for step in range(6)}) == 6
    assert {attempt.found for step in range(3) for attempt, _ in schedule.at(step)} == {one.found for one in attempts}


def window(model: TaggerModel, text: str) -> Attempt:
    pieces = model.prompts.pieces
    return Attempt("en", tuple(pieces.of_words(text, Words.of(text))), {"disease": (), "drug": ()})


def test_the_weighted_ranking_is_added_to_the_answers(tiny: TaggerModel) -> None:
    first = [
        Claim("disease", (3, 3), right=True, rival=0),
        Claim("disease", (2, 3), right=False, rival=0),
        Claim("drug", (0, 0), right=False, rival=-1),
    ]
    second = [
        Claim("disease", (0, 0), right=True, rival=0),
        Claim("drug", (1, 1), right=True, rival=1),
        Claim("disease", (1, 1), right=False, rival=1),
        Claim("drug", (1, 2), right=False, rival=1),
    ]
    chosen = [(window(tiny, "Patients with acute asthma."), first), (window(tiny, "Asthma: aspirin daily"), second)]
    plain, both = (judging_batch(chosen, TYPES, tiny.prompts, tiny.network.device, weight) for weight in (0.0, 0.5))
    assert both.right.tolist() == [0, 1, 1, 0, 0, 1, 1]
    assert both.rankings.tolist() == [[0, 1, -1], [4, 5, 6]]  # a gold span without rivals has no rank
    with torch.inference_mode():
        answers = both.judging.log_probabilities(tiny.network)
        judged = functional.nll_loss(answers, both.right)
        ranked = ranking_loss(answers[:, 0] - answers[:, 1], both.rankings)
        assert float(plain.loss(tiny.network)) == pytest.approx(float(judged), abs=1e-5)
        assert float(both.loss(tiny.network)) == pytest.approx(float(judged + 0.5 * ranked), abs=1e-5)


def test_nothing_to_rank_is_no_loss(tiny: TaggerModel) -> None:
    chosen = [(window(tiny, "Patients with asthma."), [Claim("drug", (0, 0), right=False, rival=-1)])]
    batch = judging_batch(chosen, TYPES, tiny.prompts, tiny.network.device, 1.0)
    assert batch.rankings.shape == (0, 0)
    assert torch.isfinite(batch.loss(tiny.network))
