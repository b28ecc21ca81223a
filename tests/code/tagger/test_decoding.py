"""Draft-verified decoding in batches equals greedy decoding, one item at a time and one line at a time."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.decoding import Decoder, Draft, Request
from bioner.tagger.model import TaggerModel
from bioner.tagger.packed import Rows
from bioner.tagger.pieces import Tokens
from bioner.tagger.prompts import Prompt
from bioner.tagger.symbols import END, parse
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


@torch.inference_mode()
def test_equals_greedy_decoding(tiny: TaggerModel) -> None:
    asked = requests(tiny)
    expected = [[greedy(tiny, one.prompt, one.words, header) for header in one.headers] for one in asked]
    assert any(len(items) > 10 for group in expected for items in group), "a random adapter should write symbols"
    for draft in (Draft(1, 1), Draft(), Draft(100, 100)):
        decoder = Decoder(tiny.network, tiny.prompts, draft)
        for size in (1, len(asked)):
            groups = [
                group for start in range(0, len(asked), size) for group in decoder.decode(asked[start : start + size])
            ]
            assert [[line.items for line in group] for group in groups] == expected


@torch.inference_mode()
def test_every_line_parses_and_has_probabilities(tiny: TaggerModel) -> None:
    asked = requests(tiny)
    for request, group in zip(asked, Decoder(tiny.network, tiny.prompts).decode(asked), strict=True):
        for line in group:
            assert all(0 <= first <= last < len(request.words) for first, last in parse(line.items))
            assert len(line.probabilities) == len(line.items)
            assert all(0.25 <= probability <= 1 for probability in line.probabilities)  # the best of at most four


@torch.inference_mode()
def test_no_request_is_no_line(tiny: TaggerModel) -> None:
    assert Decoder(tiny.network, tiny.prompts).decode([]) == []
