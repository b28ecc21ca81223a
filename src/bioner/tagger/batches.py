"""What is learnt in a training step: windows and types, a function of the seed and the step alone, as one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random

import torch

from bioner.entity_types import EntityTypes
from bioner.seeds import generator
from bioner.tagger.cursor import CHOICES
from bioner.tagger.examples import Example, Line, make_line
from bioner.tagger.losses import CopyBatch, DecisionBatch, Loss, copy_batch, decision_batch
from bioner.tagger.mixing import batch_counts
from bioner.tagger.packed import Rows, Slots
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompts, wording
from bioner.tagger.symbols import END


@dataclass(frozen=True, slots=True)
class Chosen:
    """A window of a step.

    Attributes:
        example: the window.
        keys: the types that are asked for, a line each.
        lines: how many lines a window of this step has on average; a part of the step is weighed by it, so that a line
            counts the same however the step is divided.
    """

    example: Example
    keys: tuple[str, ...]
    lines: Fraction


@dataclass(frozen=True, slots=True)
class Schedule:
    """The windows in an order that is new in each epoch, cut into steps.

    Attributes:
        examples: all windows; at least one.
        batch_size: windows of a step; fewer at the end of a language.
        negative_types: types asked for that a window lacks, besides all it has; one at least if it has none.
        seed: of the order and of the types.
        temperature: see `examples_at`.
    """

    examples: tuple[Example, ...]
    batch_size: int
    negative_types: int
    seed: int
    temperature: float = 1.0

    def at(self, step: int) -> list[Chosen]:
        """The windows of a step, from 0."""
        random = generator(self.seed, "types", str(step))
        windows = examples_at(self.examples, self.batch_size, self.seed, step, self.temperature)
        keys = [self._keys(example, random) for example in windows]
        lines = Fraction(sum(map(len, keys)), len(keys))
        return [Chosen(example, own, lines) for example, own in zip(windows, keys, strict=True)]

    def _keys(self, example: Example, random: Random) -> tuple[str, ...]:
        absent = [key for key, extents in example.mentions.items() if not extents]
        present = [key for key, extents in example.mentions.items() if extents]
        random.shuffle(absent)
        return (*present, *absent[: self.negative_types if present else max(1, self.negative_types)])


def examples_at(
    examples: Sequence[Example], batch_size: int, seed: int, step: int, temperature: float = 1.0
) -> list[Example]:
    """The windows of a step. All are of one language, so that its instruction is read once for all of them.

    Args:
        temperature: of the languages' shares of the steps (see `bioner.tagger.mixing`); with 1, an epoch has every
            window once, with another one some languages have fewer and others more than that.
    """
    languages = tuple(example.language for example in examples)
    steps = sum(_batches(languages, batch_size).values())
    epoch, place = divmod(step, steps)
    return [examples[number] for number in _epoch(languages, batch_size, seed, epoch, temperature)[place]]


def _batches(languages: tuple[str, ...], batch_size: int) -> dict[str, int]:
    """Language -> the batches that hold each of its windows once."""
    return {language: -(-count // batch_size) for language, count in sorted(Counter(languages).items())}


@lru_cache(maxsize=2)
def _epoch(languages: tuple[str, ...], batch_size: int, seed: int, epoch: int, temperature: float) -> list[list[int]]:
    """The numbers of the windows of each step of an epoch: a pure function, so that any step can be had on its own."""
    random = generator(seed, "epoch", str(epoch))
    batches: list[list[int]] = []
    for language, count in batch_counts(_batches(languages, batch_size), temperature).items():
        numbers = [number for number, other in enumerate(languages) if other == language]
        own: list[list[int]] = []
        while len(own) < count:
            random.shuffle(numbers)
            own += [numbers[start : start + batch_size] for start in range(0, len(numbers), batch_size)]
        batches += own[:count]
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
        for one in chosen:
            example = one.example
            prompt = self.prompts.tagging[wording(example.language)]
            if prompt.before not in begun:
                begun[prompt.before] = rows.add(prompt.before)
            past = begun[prompt.before] + rows.add((*example.source, *prompt.after), begun[prompt.before])
            headers = self.prompts.headers(self.types, example.language)
            for key in one.keys:
                line = make_line(headers[key], example.words, example.mentions[key], symbols)
                lines.append((rows.add(line.tokens, past), line))
        packed, share = rows.build(device), float(sum(one.lines for one in chosen))
        if self.loss == "copy":
            return copy_batch(packed, lines, symbols[END], share, device)
        return decision_batch(packed, lines, [symbols[symbol] for symbol in CHOICES[1:]], share, device)
