"""Asking: which types a window of training is asked for, in how many prompts, and by which words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log
from random import Random

from bioner.config import LabelSampling
from bioner.entity_types import EntityTypes, TypeName
from bioner.gliner.examples import Examples, Group
from bioner.gliner.likeness import Likeness, likeness

Question = tuple[str, str]  # the key of a type, and the words that it is asked for by


@dataclass(frozen=True, eq=False)
class Asking:
    """How windows are asked, drawn anew for each of them.

    A type that is not asked for is no target, so that a span never counts as wrong because its type was left out. No
    type that occurs is left out for want of room: where there are more than a prompt holds, they share several. What a
    share of 0 switches off draws no random number, so that it changes nothing else.

    Attributes:
        sampling: the shares of the phase.
        most: most types of a prompt.
        types: the types that each group annotates.
        named: language -> key -> how a type is called there.
        alike: how alike the types of each group are; empty where no negative has to be hard.
    """

    sampling: LabelSampling
    most: int
    types: Mapping[Group, tuple[str, ...]]
    named: Mapping[str, Mapping[str, TypeName]]
    alike: Mapping[Group, Likeness]

    @classmethod
    def of(cls, examples: Examples, types: EntityTypes, sampling: LabelSampling, most: int) -> Asking:
        """How the windows of these examples are asked."""
        named = {language: types.called(language) for language, _ in examples.groups}
        hard = examples.groups if sampling.hard_negatives else {}
        return cls(sampling, most, examples.types, named, {group: likeness(found) for group, found in hard.items()})

    def prompts(self, group: Group, present: Collection[str], rng: Random) -> list[tuple[Question, ...]]:
        """The prompts of a window, each in random order; nearly always one.

        Args:
            group: the group of the window.
            present: the types that occur in it.
        """
        known = self.types[group]
        absent = [key for key in known if key not in present]
        kept = self._kept([key for key in known if key in present], absent, rng)
        parts = max(1, -(-len(kept) // self.most))
        if parts > 1:
            kept = rng.sample(kept, len(kept))
        return [self._prompt(group, kept[part::parts], absent, rng) for part in range(parts)]

    def _kept(self, present: list[str], absent: Sequence[str], rng: Random) -> list[str]:
        """The types that occur without those that are dropped; one stays where there would be nothing to ask for."""
        dropout = self.sampling.label_dropout
        kept = [key for key in present if not dropout or rng.random() >= dropout]
        return kept if kept or absent else [rng.choice(present)]

    def _prompt(self, group: Group, part: Sequence[str], absent: Sequence[str], rng: Random) -> tuple[Question, ...]:
        wanted = max(self.sampling.negatives, int(not part))
        negatives = self._negatives(group, part, absent, min(wanted, len(absent), self.most - len(part)), rng)
        asked = rng.sample([*part, *negatives], len(part) + len(negatives))
        return tuple((key, self._words(self.named[group[0]][key], rng)) for key in asked)

    def _negatives(
        self, group: Group, part: Sequence[str], absent: Sequence[str], count: int, rng: Random
    ) -> list[str]:
        hard: list[str] = []
        if self.sampling.hard_negatives and part:
            number = min(count, int(self.sampling.hard_negatives * count + rng.random()))  # on average the share
            hard = _weighted(self._hardness(group, part, absent), number, rng)
        rest = [key for key in absent if key not in hard] if hard else absent
        return hard + rng.sample(rest, count - len(hard))

    def _hardness(self, group: Group, part: Sequence[str], absent: Sequence[str]) -> dict[str, float]:
        """How alike each absent type is to the one it resembles most of those asked for; in the order of `absent`."""
        weights: dict[str, float] = {}
        for key in part:
            for other, weight in self.alike[group].get(key, {}).items():
                weights[other] = max(weight, weights.get(other, 0.0))
        return {key: weights[key] for key in absent if key in weights}

    def _words(self, name: TypeName, rng: Random) -> str:
        described = self.sampling.definitions
        other = described + self.sampling.synonyms
        place = rng.random() if other else 1.0
        if place < described and name.definition:
            return name.definition
        return rng.choice(name.synonyms) if described <= place < other and name.synonyms else name.name


def wordings(name: TypeName, sampling: LabelSampling) -> tuple[str, ...]:
    """The words that a type may be asked for by."""
    synonyms = name.synonyms if sampling.synonyms else ()
    return (name.name, *synonyms, *([name.definition] if sampling.definitions and name.definition else []))


def _weighted(weights: Mapping[str, float], count: int, rng: Random) -> list[str]:
    """Draw without replacement, each in proportion to its weight (Efraimidis and Spirakis 2006)."""
    drawn = {key: log(1.0 - rng.random()) / weight for key, weight in weights.items()}
    return sorted(drawn, key=drawn.__getitem__, reverse=True)[:count]
