"""Sampling draws what it should, and the same again from the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from bioner.teacher.local_decoding import Row
from bioner.teacher.local_grammar import Grammars


@pytest.fixture(scope="module")
def grammars(tiny_chat: Path) -> Grammars:
    tokenizer = AutoTokenizer.from_pretrained(tiny_chat)
    return Grammars(tokenizer, len(tokenizer))


def draws(grammars: Grammars, scores: torch.Tensor, temperature: float, seed: int, number: int) -> list[int]:
    row = Row(grammars.begin({"type": "string"}), 9, temperature, torch.Generator().manual_seed(seed))
    return [int(row.sampled(scores).argmax()) for _ in range(number)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_samples_are_distributed_as_the_softmax(grammars: Grammars, temperature: float) -> None:
    scores = torch.tensor([2.0, 1.0, 0.0, -1.0, -torch.inf])
    number = 20_000
    drawn = torch.bincount(torch.tensor(draws(grammars, scores, temperature, 3, number)), minlength=5) / number
    torch.testing.assert_close(drawn, torch.softmax(scores / temperature, 0), atol=0.015, rtol=0.0)


def test_a_seed_draws_the_same_again(grammars: Grammars) -> None:
    scores = torch.zeros(50)
    first = draws(grammars, scores, 1.0, 3, 20)
    assert draws(grammars, scores, 1.0, 3, 20) == first
    assert draws(grammars, scores, 1.0, 4, 20) != first
    assert draws(grammars, scores, 0.0, 3, 2) == [0, 0]
