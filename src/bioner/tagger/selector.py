"""The selector: whether one marked span is exactly one mention of a type, asked of the same base by its own adapter.

A question comes after the whole source and repeats the span between its symbols, with some words around it; the
answer is `yes` or `no`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from bioner.tagger.network import Network
from bioner.tagger.packed import Pass, Rows, Slots
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompts, wording
from bioner.tagger.symbols import CLOSE, OPEN, Extent

CONTEXT = 4  # words on each side of the span that a question repeats


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one span of a window: the header of its type, and its extent."""

    header: Tokens
    extent: Extent


@dataclass(frozen=True, slots=True)
class Asked:
    """One window and the questions about it."""

    language: str
    words: Sequence[Tokens]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class JudgingPass:
    """A pass with questions.

    Attributes:
        at: (n,) index of the last token of each question.
        answers: (2,) tokens of yes and no.
    """

    packed: Pass
    at: Tensor
    answers: Tensor

    def log_probabilities(self, network: Network) -> Tensor:
        """Log-probabilities (n, 2) of yes and no."""
        states = network.states(self.packed)[self.at]
        return network.choice_logits(states, self.answers.expand(len(self.at), 2)).log_softmax(-1)


@dataclass(frozen=True, slots=True)
class JudgingBatch:
    """Questions with their right answers (n,): 0 for yes, 1 for no."""

    judging: JudgingPass
    right: Tensor

    def loss(self, network: Network) -> Tensor:
        """Cross-entropy between yes and no, averaged over the questions."""
        return functional.nll_loss(self.judging.log_probabilities(network), self.right)


def judging_pass(items: Sequence[Asked], prompts: Prompts, device: torch.device) -> JudgingPass:
    """One pass: each prompt once, each source once, and after it the questions, blind to each other."""
    rows = Rows()
    begun: dict[Tokens, Slots] = {}
    at: list[int] = []
    for asked in items:
        prompt = prompts.judging[wording(asked.language)]
        if prompt.before not in begun:
            begun[prompt.before] = rows.add(prompt.before)
        source = [token for word in asked.words for token in word]
        past = begun[prompt.before] + rows.add((*source, *prompt.after), begun[prompt.before])
        at += [rows.add(_tokens(question, asked.words, prompts), past)[-1] for question in asked.questions]
    answers = torch.tensor(prompts.answers, device=device)
    return JudgingPass(rows.build(device), torch.tensor(at, device=device), answers)


def _tokens(question: Question, words: Sequence[Tokens], prompts: Prompts) -> Tokens:
    first, last = question.extent
    symbols = prompts.pieces.symbols
    parts = (
        question.header,
        *words[max(0, first - CONTEXT) : first],
        (symbols[OPEN],),
        *words[first : last + 1],
        (symbols[CLOSE],),
        *words[last + 1 : last + 1 + CONTEXT],
        prompts.question_end,
    )
    return tuple(token for part in parts for token in part)


def judge(network: Network, items: Sequence[Asked], prompts: Prompts) -> list[list[float]]:
    """The probability of yes for each question of each window; the selector's adapter has to be in use."""
    asked = [item for item in items if item.questions]
    if not asked:
        return [[] for _ in items]
    scores = iter(judging_pass(asked, prompts, network.device).log_probabilities(network)[:, 0].exp().tolist())
    return [[next(scores) for _ in item.questions] for item in items]
