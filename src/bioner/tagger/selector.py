"""The selector: whether one marked span is exactly one mention of a type, asked of the same base by its own adapter.

A question comes after the whole source and repeats the span between its symbols, with some words around it; the
answer is `yes` or `no`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from bioner.tagger.network import Network
from bioner.tagger.packed import Pass, Rows, Slots
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompts, wording
from bioner.tagger.symbols import CLOSE, OPEN, Extent

CONTEXT = 4  # words on each side of the span that a question repeats
_SEEN = 1 << 16  # tokens of their sources that the questions of one pass see in all; its memory grows with them


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
    """Questions with their right answers, and which of them are ranked.

    Attributes:
        right: (n,) 0 for yes, 1 for no.
        rankings: (gold spans, widest) index of the question about a gold span and, after it, of those about the wrong
            spans that it is to stand above; filled up with -1.
        ranking: weight of the loss on these.
    """

    judging: JudgingPass
    right: Tensor
    rankings: Tensor
    ranking: float

    def loss(self, network: Network) -> Tensor:
        """Cross-entropy between yes and no, averaged over the questions, and the weighted loss on the rankings."""
        answers = self.judging.log_probabilities(network)
        loss = functional.nll_loss(answers, self.right)
        if self.ranking and len(self.rankings):
            loss = loss + self.ranking * ranking_loss(answers[:, 0] - answers[:, 1], self.rankings)
        return loss


def ranking_loss(margins: Tensor, rankings: Tensor) -> Tensor:
    """How far the gold spans are from standing above their rivals, averaged over the gold spans.

    The cross-entropy of choosing the gold span from a softmax over it and its wrong spans: the contrastive loss of van
    den Oord et al. (2018, arXiv 1807.03748), with the margin between yes and no as the likeness.

    Args:
        margins: (n,) logit of yes less that of no.
        rankings: as in `JudgingBatch`; at least one row.
    """
    taken = margins[rankings.clamp(min=0)].masked_fill(rankings < 0, -torch.inf)
    return -taken.log_softmax(-1)[:, 0].mean()


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
    scores: list[float] = []
    for portion in _portions(items):
        answers = judging_pass(portion, prompts, network.device).log_probabilities(network)
        scores += answers[:, 0].exp().tolist()
    following = iter(scores)
    return [[next(following) for _ in item.questions] for item in items]


def _portions(items: Sequence[Asked]) -> Iterator[list[Asked]]:
    """All questions in their order, cut into passes: a window with very many is asked again about the rest of them."""
    portion: list[Asked] = []
    seen = 0
    for item in items:
        each = max(1, sum(map(len, item.words)))
        most = max(1, _SEEN // each)
        for start in range(0, len(item.questions), most):
            part = replace(item, questions=item.questions[start : start + most])
            if portion and seen + each * len(part.questions) > _SEEN:
                yield portion
                portion, seen = [], 0
            portion.append(part)
            seen += each * len(part.questions)
    if portion:
        yield portion
