"""The selector is asked about each span alone, in passes of bounded size."""

from __future__ import annotations

import pytest
import torch

from bioner.tagger import selector
from bioner.tagger.model import TaggerModel
from bioner.tagger.prompts import Prompts
from bioner.tagger.selector import Asked, JudgingPass, Question, judge, judging_pass, ranking_loss
from bioner.words import Words


def asked(model: TaggerModel, text: str, language: str, extents: list[tuple[int, int]]) -> Asked:
    pieces = model.prompts.pieces
    questions = [Question(pieces.of_text("disease:"), extent) for extent in extents]
    return Asked(language, pieces.of_words(text, Words.of(text)), questions)


FIRST, SECOND = "Patients with acute asthma.", "患者有急性哮喘。"


def three_items(model: TaggerModel) -> list[Asked]:
    return [
        asked(model, FIRST, "en", [(0, 0), (2, 3)]),
        asked(model, SECOND, "zh", []),
        asked(model, SECOND, "zh", [(3, 6)]),
    ]


@torch.inference_mode()
def test_questions_do_not_see_each_other(tiny: TaggerModel) -> None:
    together = judge(tiny.network, three_items(tiny), tiny.prompts)
    alone = [
        judge(tiny.network, [asked(tiny, text, language, [extent])], tiny.prompts)[0][0]
        for text, language, extent in ((FIRST, "en", (0, 0)), (FIRST, "en", (2, 3)), (SECOND, "zh", (3, 6)))
    ]
    assert [len(one) for one in together] == [2, 0, 1]
    assert [*together[0], *together[2]] == pytest.approx(alone, abs=1e-4)
    assert len({round(probability, 4) for probability in alone}) == 3


@torch.inference_mode()
def test_no_question_needs_no_pass(tiny: TaggerModel) -> None:
    assert judge(tiny.network, [asked(tiny, "asthma", "en", [])], tiny.prompts) == [[]]


@torch.inference_mode()
def test_many_questions_are_asked_in_several_passes(tiny: TaggerModel, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Low dose aspirin for acute asthma."
    every = [(first, last) for first in range(7) for last in range(first, 7)]
    items = [asked(tiny, text, "en", every), *three_items(tiny), asked(tiny, FIRST, "en", [(1, 1)])]
    whole = judge(tiny.network, items, tiny.prompts)
    seen: list[int] = []

    def counted(portion: list[Asked], prompts: Prompts, device: torch.device) -> JudgingPass:
        seen.append(sum(len(part.questions) * sum(map(len, part.words)) for part in portion))
        return judging_pass(portion, prompts, device)

    limit = 5 * sum(map(len, items[0].words))  # five questions about the first text
    monkeypatch.setattr(selector, "_SEEN", limit)
    monkeypatch.setattr(selector, "judging_pass", counted)
    parted = judge(tiny.network, items, tiny.prompts)
    assert len(seen) >= 6
    assert max(seen) <= limit
    assert [len(one) for one in parted] == [28, 2, 0, 1, 1]
    for one, other in zip(whole, parted, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_ranking_counts_only_the_rivals_of_a_gold_span() -> None:
    margins = torch.tensor([2.0, -1.0, 0.5, 9.0])
    rankings = torch.tensor([[0, 1, 2], [2, 1, -1]])
    chances = [torch.softmax(margins[list(row)], 0)[0] for row in ((0, 1, 2), (2, 1))]
    expected = -sum(float(torch.log(chance)) for chance in chances) / 2
    assert float(ranking_loss(margins, rankings)) == pytest.approx(expected, abs=1e-6)


def test_ranking_pulls_a_gold_span_above_its_rivals() -> None:
    margins = torch.tensor([0.0, 0.0, 0.0, 0.0], requires_grad=True)
    ranking_loss(margins, torch.tensor([[0, 1, -1], [0, 2, 1]])).backward()
    assert margins.grad is not None
    up, *down = (-margins.grad).tolist()
    assert up > 0
    assert all(value < 0 for value in down[:2])
    assert down[2] == 0.0  # no rival of anything, and padding is none
    assert up + sum(down) == pytest.approx(0.0, abs=1e-6)
