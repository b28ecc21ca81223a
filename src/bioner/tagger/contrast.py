"""What the selector learns from: gold spans, and the same spans grown, shrunk, moved by words or of another type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch

from bioner.entity_types import EntityTypes
from bioner.seeds import generator
from bioner.tagger.batches import examples_at
from bioner.tagger.examples import Example
from bioner.tagger.prompts import Prompts
from bioner.tagger.selector import Asked, JudgingBatch, Question, judging_pass
from bioner.tagger.symbols import Extent

_SHIFTS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-2, 0), (0, 2))


@dataclass(frozen=True, slots=True)
class Claim:
    """A span under a type, and whether it is a gold span."""

    key: str
    extent: Extent
    right: bool


def claims_of(example: Example, negatives: int, random: Random) -> list[Claim]:
    """Every gold span of a window, each followed by up to `negatives` wrong claims that were made from it."""
    gold = {(key, extent) for key, extents in example.mentions.items() for extent in extents}
    claims: list[Claim] = []
    for key, extent in sorted(gold):
        wrong = sorted(_moved(key, extent, len(example.words)) - gold)
        renamed = sorted({(other, extent) for other in example.mentions} - gold)
        claims.append(Claim(key, extent, right=True))
        for _ in range(negatives):
            pool = renamed if renamed and (not wrong or random.random() < 1 / 3) else wrong
            if pool:
                claims.append(Claim(*pool.pop(random.randrange(len(pool))), right=False))
    return claims


def _moved(key: str, extent: Extent, length: int) -> set[tuple[str, Extent]]:
    moved = ((extent[0] + left, extent[1] + right) for left, right in _SHIFTS)
    return {(key, (first, last)) for first, last in moved if 0 <= first <= last < length}


Claimed = tuple[Example, list[Claim]]


@dataclass(frozen=True, slots=True)
class ClaimSchedule:
    """The windows that have gold spans in an order that is new in each epoch, cut into steps, with their claims.

    Attributes:
        examples: windows with at least one gold span each; at least one.
        batch_size: windows of a step; fewer at the end of a language.
        negatives: wrong claims per gold span.
        seed: of the order and of the claims.
    """

    examples: tuple[Example, ...]
    batch_size: int
    negatives: int
    seed: int

    def at(self, step: int) -> list[Claimed]:
        """The windows and claims of a step, from 0."""
        random = generator(self.seed, "claims", str(step))
        chosen = examples_at(self.examples, self.batch_size, self.seed, step)
        return [(example, claims_of(example, self.negatives, random)) for example in chosen]


def judging_batch(
    chosen: Sequence[Claimed], types: EntityTypes, prompts: Prompts, device: torch.device
) -> JudgingBatch:
    """The windows with their claims as questions."""
    items = []
    for example, claims in chosen:
        headers = prompts.headers(types, example.language)
        questions = [Question(headers[claim.key], claim.extent) for claim in claims]
        items.append(Asked(example.language, example.words, questions))
    right = [int(not claim.right) for _, claims in chosen for claim in claims]
    return JudgingBatch(judging_pass(items, prompts, device), torch.tensor(right, device=device))
