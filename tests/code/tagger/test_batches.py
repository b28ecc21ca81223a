"""A training step is a function of the seed and the step, and its lines are right."""

from __future__ import annotations

from collections import Counter

import torch
from tiny_lm import sentence

from bioner.entity_types import EntityTypes
from bioner.tagger.batches import Schedule, Teaching, examples_at
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
    for example, keys in (chosen for step in range(6) for chosen in Schedule(windows(tiny), 2, 1, 3).at(step)):
        present = {key for key, extents in example.mentions.items() if extents}
        assert present <= set(keys)
        assert len(keys) == len(set(keys)) == len(present) + 1
    lonely = [
        keys
        for step in range(3)
        for e, keys in Schedule(windows(tiny), 2, 0, 3).at(step)
        if not any(e.mentions.values())
    ]
    assert [len(keys) for keys in lonely] == [1]


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


def teach(model: TaggerModel, loss: str) -> DecisionBatch | CopyBatch:
    chosen = [(example, TYPES.keys) for example in windows(model)]
    return Teaching(model.prompts, TYPES, loss).batch(chosen, torch.device("cpu"))  # type: ignore[arg-type]


def test_the_loss_of_decisions_is_that_of_each_line_alone(tiny: TaggerModel) -> None:
    chosen = [(example, (key,)) for example in windows(tiny) for key in TYPES.keys]
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
