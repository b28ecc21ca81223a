"""A step of the selector's training: windows with claims about them, as one pass with the right answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from bioner.entity_types import EntityTypes
from bioner.seeds import generator
from bioner.tagger.batches import examples_at
from bioner.tagger.claims import Attempt, Claim, claims_of
from bioner.tagger.prompts import Prompts
from bioner.tagger.selector import Asked, JudgingBatch, Question, judging_pass

Claimed = tuple[Attempt, list[Claim]]


@dataclass(frozen=True, slots=True)
class ClaimSchedule:
    """The windows that have spans in an order that is new in each epoch, cut into steps, with their claims.

    Attributes:
        attempts: windows with at least one span each, gold or found; at least one.
        batch_size: windows of a step; fewer at the end of a language.
        negatives: wrong claims per gold span, at least.
        seed: of the order and of the claims.
    """

    attempts: tuple[Attempt, ...]
    batch_size: int
    negatives: int
    seed: int

    def at(self, step: int) -> list[Claimed]:
        """The windows and claims of a step, from 0."""
        random = generator(self.seed, "claims", str(step))
        chosen = cast(list[Attempt], examples_at(self.attempts, self.batch_size, self.seed, step))
        return [(attempt, claims_of(attempt, self.negatives, random)) for attempt in chosen]


def judging_batch(
    chosen: Sequence[Claimed], types: EntityTypes, prompts: Prompts, device: torch.device, ranking: float = 0.0
) -> JudgingBatch:
    """The windows with their claims as questions; `ranking` is the weight of the second loss of `JudgingBatch`."""
    items = []
    for attempt, claims in chosen:
        headers = prompts.headers(types, attempt.language)
        questions = [Question(headers[claim.key], claim.extent) for claim in claims]
        items.append(Asked(attempt.language, attempt.words, questions))
    claims = [claim for _, claims in chosen for claim in claims]
    right = torch.tensor([int(not claim.right) for claim in claims], device=device)
    rankings = _padded(_rankings([claims for _, claims in chosen]), device)
    return JudgingBatch(judging_pass(items, prompts, device), right, rankings, ranking)


def _rankings(windows: Sequence[Sequence[Claim]]) -> list[list[int]]:
    """The numbers, through all windows, of each gold span and, after it, of the wrong claims that it is set against."""
    rankings: dict[tuple[int, int], list[int]] = {}
    claims = [(window, claim) for window, claims in enumerate(windows) for claim in claims]
    for number, (window, claim) in enumerate(claims):
        if claim.rival >= 0:
            rankings.setdefault((window, claim.rival), []).append(number)
    return [numbers for numbers in rankings.values() if len(numbers) > 1]


def _padded(rows: Sequence[Sequence[int]], device: torch.device) -> Tensor:
    """Rows of numbers as one matrix, filled up with -1."""
    width = max(map(len, rows), default=0)
    filled = [[*row, *[-1] * (width - len(row))] for row in rows]
    return torch.tensor(filled, dtype=torch.long, device=device).view(len(rows), width)
