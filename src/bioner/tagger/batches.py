"""What is learnt in a training step: windows and types, a function of the seed and the step alone, as one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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
        batch_size: windows of a step.
        negative_types: types asked for that a window lacks, besides all it has; one at least if it has none.
        seed: of the order and of the types.
    """

    examples: Sequence[Example]
    batch_size: int
    negative_types: int
    seed: int

    def at(self, step: int) -> list[Chosen]:
        """The windows of a step, from 0."""
        first = step * self.batch_size
        return [self._choose(place) for place in range(first, first + self.batch_size)]

    def _choose(self, place: int) -> Chosen:
        epoch, index = divmod(place, len(self.examples))
        example = self.examples[order(self.seed, epoch, len(self.examples))[index]]
        absent = [key for key, extents in example.mentions.items() if not extents]
        generator(self.seed, "types", str(place)).shuffle(absent)
        present = [key for key, extents in example.mentions.items() if extents]
        return example, (*present, *absent[: self.negative_types if present else max(1, self.negative_types)])


@lru_cache(maxsize=2)
def order(seed: int, epoch: int, length: int) -> tuple[int, ...]:
    """The order of an epoch."""
    places = list(range(length))
    generator(seed, "epoch", str(epoch)).shuffle(places)
    return tuple(places)


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
