"""Draft-verified decoding in batches equals greedy decoding, one item at a time and one line at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count

import pytest
import torch

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.decoding import Decoder, Request
from bioner.tagger.model import TaggerModel
from bioner.tagger.packed import Rows
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompt
from bioner.tagger.sampling import Sampling
from bioner.tagger.stepping import Group
from bioner.tagger.symbols import END, OPEN, parse
from bioner.words import Words

TEXTS = (
    ("en", "Patients with acute asthma were given low dose aspirin."),
    ("en", "The [BRCA1] gene, a ]receptor[ of \\ yes."),
    ("zh", "患者有急性哮喘，给予小剂量阿司匹林。"),
    ("en", "asthma"),
    ("zh", "IL-2受体（[CD25]）阳性"),
)
NAMES = ("disease", "drug", "基因")


def greedy(model: TaggerModel, prompt: Prompt, words: Sequence[Tokens], header: Tokens) -> tuple[int, ...]:
    """The line by the definition: at each place, the allowed choice of the highest probability."""
    symbols = model.prompts.pieces.symbols
    tokens = [*prompt.before, *(token for word in words for token in word), *prompt.after, *header]
    cursor, items = Cursor(len(words)), []
    while not items or items[-1] != END:
        rows = Rows()
        last = rows.add(tokens)[-1]
        logits = model.network.all_logits(model.network.states(rows.build(torch.device("cpu")))[last])
        word = words[min(cursor.word, len(words) - 1)][0]
        scores = {
            choice: float(logits[word if choice == 0 else symbols[choice]])
            for choice, allowed in zip(CHOICES, cursor.allowed(), strict=True)
            if allowed
        }
        best = max(scores, key=lambda choice: scores[choice])
        items.append(cursor.word if best == 0 else best)
        if best != END:
            tokens += words[cursor.word] if best == 0 else [symbols[best]]
            cursor = cursor.after(items[-1])
    return tuple(items)


def requests(model: TaggerModel) -> list[Request]:
    pieces = model.prompts.pieces
    headers = [pieces.of_text(f"{name}:") for name in NAMES]
    return [
        Request(model.prompts.tagging[language], pieces.of_words(text, Words.of(text)), headers)
        for language, text in TEXTS
    ]


@pytest.mark.slow
@torch.inference_mode()
def test_equals_greedy_decoding(tiny: TaggerModel) -> None:
    asked = requests(tiny)
    expected = [[greedy(tiny, one.prompt, one.words, header) for header in one.headers] for one in asked]
    assert any(len(items) > 10 for group in expected for items in group), "a random adapter should write symbols"
    for ahead in (0, 1, None, 100):
        decoder = Decoder(tiny.network, tiny.prompts, ahead=ahead)
        for size in (1, 2, len(asked)):
            groups = decoder.stream(iter(asked), size)
            assert [[line.items for (line,) in group] for group in groups] == expected


@torch.inference_mode()
def test_every_line_parses_and_has_probabilities(tiny: TaggerModel) -> None:
    asked = requests(tiny)
    for request, group in zip(asked, Decoder(tiny.network, tiny.prompts).decode(asked), strict=True):
        for (line,) in group:
            assert all(0 <= first <= last < len(request.words) for first, last in parse(line.items))
            assert len(line.probabilities) == len(line.items)
            assert all(0.25 <= probability <= 1 for probability in line.probabilities)  # the best of at most four


@torch.inference_mode()
def test_a_bias_opens_more_mentions_or_fewer_and_changes_no_rule(tiny: TaggerModel) -> None:
    asked = requests(tiny)
    found, begun = [], []
    for bias in (-50.0, 0.0, 1.0, 50.0):
        decoders = [Decoder(tiny.network, tiny.prompts, ahead=ahead, opening_bias=bias) for ahead in (0, None, 100)]
        stepwise, *drafted = [[[line for (line,) in group] for group in one.decode(asked)] for one in decoders]
        written = [[line.items for line in group] for group in stepwise]
        assert all([[line.items for line in group] for group in one] == written for one in drafted)
        lines = [(request, line) for request, group in zip(asked, stepwise, strict=True) for line in group]
        assert all(0 <= a <= b < len(request.words) for request, line in lines for a, b in parse(line.items))
        assert all(0 <= probability <= 1 for _, line in lines for probability in line.probabilities)
        found.append(sum(len(parse(line.items)) for _, line in lines))
        begun.append({line.items[0] for _, line in lines})
    assert (begun[0], begun[3]) == ({END}, {OPEN})
    assert found[0] == 0 < found[1] != found[2], found


def test_no_request_is_no_line(tiny: TaggerModel) -> None:
    assert Decoder(tiny.network, tiny.prompts).decode([]) == []


def test_nothing_to_read_needs_no_model(tiny: TaggerModel) -> None:
    words, headers = requests(tiny)[0].words, requests(tiny)[0].headers
    prompt = tiny.prompts.tagging["en"]
    asked = [Request(prompt, [], headers), Request(prompt, words, []), Request(prompt, words, headers[:1])]
    empty, none, one = Decoder(tiny.network, tiny.prompts).stream(asked, 1)
    assert [line.items for (line,) in empty] == [(END,)] * len(headers)
    assert none == []
    assert len(one) == 1


@pytest.mark.slow
def test_a_stream_takes_few_windows_ahead_and_leaves_no_memory(tiny: TaggerModel) -> None:
    taken = []

    def endless() -> Iterator[Request]:
        for number in count():
            taken.append(number)
            yield requests(tiny)[number % len(TEXTS)]

    decoder = Decoder(tiny.network, tiny.prompts)
    decoder.decode(requests(tiny))  # the instructions stay
    begun = decoder._memory.used
    lines = decoder.stream(endless(), 2)
    for _ in range(30):
        next(lines)
    assert len(taken) <= 30 + 4 * 2
    lines.close()
    assert decoder._memory.used == begun


@pytest.mark.slow
def test_samples_are_the_same_whatever_is_read_with_them(tiny: TaggerModel) -> None:
    asked = requests(tiny)
    sampling = Sampling(copies=6, temperature=1.0, seed=3)
    together = Decoder(tiny.network, tiny.prompts, sampling).decode(asked)
    alone = [
        group for one in reversed(asked) for group in Decoder(tiny.network, tiny.prompts, sampling, 0).decode([one])
    ]
    assert _samples(together) == _samples(alone[::-1])
    other = Decoder(tiny.network, tiny.prompts, Sampling(copies=6, temperature=1.0, seed=4)).decode(asked)
    assert _samples(together) != _samples(other)
    for group in together:
        for lines in group:
            assert sum(line.copies for line in lines) == 6
            assert len({line.items for line in lines}) == len(lines)
            assert all(parse(line.items) is not None for line in lines)


def test_cold_samples_are_the_greedy_line(tiny: TaggerModel) -> None:
    asked = requests(tiny)
    cold = Decoder(tiny.network, tiny.prompts, Sampling(copies=3, temperature=1e-6)).decode(asked)
    best = Decoder(tiny.network, tiny.prompts).decode(asked)
    assert [[(line.items, line.copies) for (line,) in group] for group in cold] == [
        [(line.items, 3) for (line,) in group] for group in best
    ]


def test_samples_follow_the_probabilities(tiny: TaggerModel) -> None:
    request = requests(tiny)[3]
    one = Request(request.prompt, request.words, request.headers[:1])
    ((lines,),) = Decoder(tiny.network, tiny.prompts, Sampling(copies=4000, temperature=1.0)).decode([one])
    beginnings = {line.items[0]: line.probabilities[0] for line in lines if line.items[0] < 0}
    assert len(beginnings) == 2  # a mention or the end, beside the word, whose probability a line does not hold
    for symbol, expected in beginnings.items():
        share = sum(line.copies for line in lines if line.items[0] == symbol) / 4000
        assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / 4000)


def _samples(groups: Sequence[Group]) -> list[list[dict[tuple[int, ...], int]]]:
    return [[{line.items: line.copies for line in lines} for lines in group] for group in groups]
