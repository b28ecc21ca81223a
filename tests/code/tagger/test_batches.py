"""A training step is a function of the seed and the step, and its lines are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest
import torch
from tiny_lm import sentence

from bioner.entity_types import EntityTypes
from bioner.seeds import generator
from bioner.tagger.batches import Chosen, Schedule, Teaching, examples_at
from bioner.tagger.cursor import CHOICES
from bioner.tagger.examples import Example, limits_of, make_examples, make_line
from bioner.tagger.losses import CopyBatch, DecisionBatch
from bioner.tagger.model import TaggerModel
from bioner.tagger.symbols import CLOSE, END, OPEN

TYPES = EntityTypes.of_words(["disease", "drug", "gene"])
DOCUMENTS = [
    sentence(1, "Patients with acute asthma.", "en", ("acute asthma", "disease"), ("asthma", "disease")),
    sentence(2, "Low dose aspirin for asthma.", "en", ("aspirin", "drug"), ("asthma", "disease")),
    sentence(3, "Nothing was found.", "en"),
    sentence(4, "患者有哮喘。", "zh", ("哮喘", "disease")),
    sentence(5, "给予阿司匹林。", "zh", ("阿司匹林", "drug")),
]


def windows(model: TaggerModel, max_words: int = 100) -> tuple[Example, ...]:
    return make_examples(DOCUMENTS, TYPES.keys, model.prompts.pieces, limits_of(max_words)).windows


def test_an_epoch_reads_every_window_once_and_one_language_a_step(tiny: TaggerModel) -> None:
    examples = windows(tiny)
    for epoch in range(2):
        steps = [examples_at(examples, 2, 7, 3 * epoch + place) for place in range(3)]
        assert Counter(id(example) for step in steps for example in step) == Counter(map(id, examples))
        assert all(len({example.language for example in step}) == 1 for step in steps)


def test_epochs_and_seeds_differ(tiny: TaggerModel) -> None:
    examples = windows(tiny) * 5
    orders = {tuple(examples.index(e) for s in range(10) for e in examples_at(examples, 2, seed, s)) for seed in (1, 2)}
    again = tuple(examples.index(e) for s in range(13, 23) for e in examples_at(examples, 2, 1, s))
    assert len(orders | {again}) == 3


def test_types_asked_for(tiny: TaggerModel) -> None:
    for chosen in (one for step in range(6) for one in Schedule(windows(tiny), 2, 1, 3).at(step)):
        present = {key for key, extents in chosen.example.mentions.items() if extents}
        assert present <= set(chosen.keys)
        assert len(chosen.keys) == len(set(chosen.keys)) == len(present) + 1
    lonely = [
        chosen.keys
        for step in range(3)
        for chosen in Schedule(windows(tiny), 2, 0, 3).at(step)
        if not any(chosen.example.mentions.values())
    ]
    assert [len(keys) for keys in lonely] == [1]


def plain_order(languages: Sequence[str], size: int, seed: int, epoch: int) -> list[list[int]]:
    """The steps of an epoch without a temperature: each language shuffled and cut, then all shuffled."""
    random, batches = generator(seed, "epoch", str(epoch)), []
    for language in sorted(set(languages)):
        own = [number for number, other in enumerate(languages) if other == language]
        random.shuffle(own)
        batches += [own[start : start + size] for start in range(0, len(own), size)]
    random.shuffle(batches)
    return batches


def test_a_temperature_of_one_is_the_plain_order(tiny: TaggerModel) -> None:
    examples = windows(tiny) * 7
    languages = [example.language for example in examples]
    numbered = tuple(replace(example, mentions={"": ((n, n),)}) for n, example in enumerate(examples))
    expected = [step for epoch in range(3) for step in plain_order(languages, 4, 9, epoch)]
    found = [[e.mentions[""][0][0] for e in examples_at(numbered, 4, 9, step)] for step in range(len(expected))]
    assert found == expected
    assert found == [[e.mentions[""][0][0] for e in examples_at(numbered, 4, 9, s, 1.0)] for s in range(len(expected))]


def test_a_temperature_changes_the_shares_of_the_languages_and_nothing_else(tiny: TaggerModel) -> None:
    english, chinese = (tuple(e for e in windows(tiny) if e.language == name) for name in ("en", "zh"))
    examples = english * 12 + chinese[:1] * 4  # 18 and 2 batches of 2
    at = partial(examples_at, examples, 2, 5, temperature=2.0)
    epochs = [[at(20 * epoch + place) for place in range(20)] for epoch in range(2)]
    assert epochs[0] != epochs[1]
    for epoch in epochs:
        assert all(len({e.language for e in step}) == 1 for step in epoch)
        assert sum(step[0].language == "zh" for step in epoch) == 5  # the root of 2 over the sum of the roots, of 20
    assert at(33) == epochs[1][13]  # whatever was asked before
    flat = [examples_at(examples, 2, 5, step, 1e9) for step in range(20)]
    assert sum(step[0].language == "zh" for step in flat) == 10


@pytest.mark.parametrize("loss", ["decisions", "copy"])
def test_a_step_in_parts_has_the_loss_of_the_whole(tiny: TaggerModel, loss: str) -> None:
    teaching = Teaching(tiny.prompts, TYPES, loss)  # type: ignore[arg-type]
    chosen = next(step for step in map(Schedule(windows(tiny), 3, 1, 3).at, range(9)) if len(step) == 3)
    assert len({len(one.keys) for one in chosen}) > 1  # or a plain mean over windows would do
    with torch.inference_mode():
        whole, *parts = (
            teaching.batch(part, torch.device("cpu")).loss(tiny.network) for part in (chosen, chosen[:1], chosen[1:])
        )
        torch.testing.assert_close(parts[0] / 3 + parts[1] * 2 / 3, whole)


def test_a_line_and_its_decisions() -> None:
    words, symbols = [(10,), (20, 21), (30,)], {OPEN: 1, CLOSE: 2, END: 3}
    line = make_line((5, 6), words, [(1, 1)], symbols)
    assert line.tokens == (5, 6, 10, 1, 20, 21, 2)
    assert line.header == 2
    assert [(d.after, d.word, CHOICES[d.chosen]) for d in line.decisions] == [
        (1, 10, 0),
        (2, 20, OPEN),
        (3, 20, 0),
        (5, 30, CLOSE),
        (6, 30, END),
    ]
    assert all(d.allowed[d.chosen] for d in line.decisions)


def test_long_documents_are_cut_and_losses_counted(tiny: TaggerModel) -> None:
    text = "one two three four five six seven eight"
    documents = [sentence(1, text, "en", ("two", "gene"), ("three four five six seven", "gene"))]
    examples = make_examples(documents, ["gene"], tiny.prompts.pieces, limits_of(4))
    assert sum(len(example.words) for example in examples.windows) == 8
    assert all(len(example.words) <= 4 for example in examples.windows)
    assert examples.lost == {"longer than a window": 1}
    assert examples.spans == 1


def asked(example: Example, keys: tuple[str, ...]) -> Chosen:
    return Chosen(example, keys, Fraction(len(keys)))


def teach(model: TaggerModel, loss: str) -> DecisionBatch | CopyBatch:
    chosen = [asked(example, TYPES.keys) for example in windows(model)]
    return Teaching(model.prompts, TYPES, loss).batch(chosen, torch.device("cpu"))  # type: ignore[arg-type]


def test_the_loss_of_decisions_is_that_of_each_line_alone(tiny: TaggerModel) -> None:
    chosen = [asked(example, (key,)) for example in windows(tiny) for key in TYPES.keys]
    alone = [Teaching(tiny.prompts, TYPES, "decisions").batch([one], torch.device("cpu")) for one in chosen]
    with torch.inference_mode():
        together = teach(tiny, "decisions").loss(tiny.network)
        torch.testing.assert_close(together, torch.stack([batch.loss(tiny.network) for batch in alone]).mean())


def test_the_loss_of_the_copy_covers_every_token_of_the_answers(tiny: TaggerModel) -> None:
    batch = teach(tiny, "copy")
    assert isinstance(batch, CopyBatch)
    decisions = teach(tiny, "decisions")
    assert isinstance(decisions, DecisionBatch)
    assert len(batch.targets) > len(decisions.targets) > batch.lines
    following = batch.packed.tokens[batch.at[:-1] + 1]
    same_line = batch.at[1:] == batch.at[:-1] + 1
    assert torch.equal(following[same_line], batch.targets[:-1][same_line])
    end = tiny.prompts.pieces.symbols[END]
    assert int((batch.targets == end).sum()) == batch.lines
