"""What is learnt in a training step: windows and types, a function of the seed and the step alone, as one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import torch

from bioner.entity_types import EntityTypes
from bioner.seeds import generator
from bioner.tagger.cursor import CHOICES
from bioner.tagger.examples import Example, Line, make_line
from bioner.tagger.losses import CopyBatch, DecisionBatch, Loss, copy_batch, decision_batch
from bioner.tagger.packed import Rows, Slots
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompts, wording
from bioner.tagger.symbols import END

Chosen = tuple[Example, tuple[str, ...]]  # a window, and the types that are asked for


@dataclass(frozen=True, slots=True)
class Schedule:
    """The windows in an order that is new in each epoch, cut into steps.

    Attributes:
        examples: all windows; at least one.
        batch_size: windows of a step; fewer at the end of a language.
        negative_types: types asked for that a window lacks, besides all it has; one at least if it has none.
        seed: of the order and of the types.
    """

    examples: tuple[Example, ...]
    batch_size: int
    negative_types: int
    seed: int

    def at(self, step: int) -> list[Chosen]:
        """The windows of a step, from 0."""
        random = generator(self.seed, "types", str(step))
        return [
            self._choose(example, random) for example in examples_at(self.examples, self.batch_size, self.seed, step)
        ]

    def _choose(self, example: Example, random: Random) -> Chosen:
        absent = [key for key, extents in example.mentions.items() if not extents]
        present = [key for key, extents in example.mentions.items() if extents]
        random.shuffle(absent)
        return example, (*present, *absent[: self.negative_types if present else max(1, self.negative_types)])


def examples_at(examples: Sequence[Example], batch_size: int, seed: int, step: int) -> list[Example]:
    """The windows of a step. All are of one language, so that its instruction is read once for all of them."""
    languages = tuple(example.language for example in examples)
    steps = sum(-(-count // batch_size) for count in Counter(languages).values())
    epoch, place = divmod(step, steps)
    return [examples[number] for number in _epoch(languages, batch_size, seed, epoch)[place]]


@lru_cache(maxsize=2)
def _epoch(languages: tuple[str, ...], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """The numbers of the windows of each step of an epoch."""
    random = generator(seed, "epoch", str(epoch))
    batches = []
    for language in sorted(set(languages)):
        own = [number for number, other in enumerate(languages) if other == language]
        random.shuffle(own)
        batches += [own[start : start + batch_size] for start in range(0, len(own), batch_size)]
    random.shuffle(batches)
    return batches


@dataclass(frozen=True, slots=True)
class Teaching:
    """What turns chosen windows into a batch.

    Attributes:
        prompts: the wording.
        types: the types, for their names.
        loss: what is learnt.
    """

    prompts: Prompts
    types: EntityTypes
    loss: Loss

    def batch(self, chosen: Sequence[Chosen], device: torch.device) -> DecisionBatch | CopyBatch:
        """One pass: each prompt once, each source once, and after it a line for each type, blind to each other."""
        rows = Rows()
        begun: dict[Tokens, Slots] = {}
        lines: list[tuple[Slots, Line]] = []
        symbols = self.prompts.pieces.symbols
        for example, keys in chosen:
            prompt = self.prompts.tagging[wording(example.language)]
            if prompt.before not in begun:
                begun[prompt.before] = rows.add(prompt.before)
            past = begun[prompt.before] + rows.add((*example.source, *prompt.after), begun[prompt.before])
            headers = self.prompts.headers(self.types, example.language)
            for key in keys:
                line = make_line(headers[key], example.words, example.mentions[key], symbols)
                lines.append((rows.add(line.tokens, past), line))
        packed = rows.build(device)
        if self.loss == "copy":
            return copy_batch(packed, lines, symbols[END], device)
        return decision_batch(packed, lines, [symbols[symbol] for symbol in CHOICES[1:]], device)
