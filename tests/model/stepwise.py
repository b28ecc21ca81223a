"""Step-by-step constrained decoding, with the attention of transformers and its cache, along a line that is checked.

At each item the choice is compared with the best other one. Following a line checks all of it: what comes after a tie
is judged as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.decoding import Request
from bioner.tagger.model import TaggerModel
from bioner.tagger.packed import ATTENTION
from bioner.tagger.pieces import Tokens
from bioner.tagger.symbols import END

TIE = (
    1e-3  # logits that are closer may change places with the shape of a batch, since sums are rounded in another order
)


@contextmanager
def plain_attention(model: TaggerModel) -> Iterator[None]:
    """While this lasts, the model has the attention of transformers."""
    model.network.model.set_attn_implementation("sdpa")  # type: ignore[operator]
    try:
        yield
    finally:
        model.network.model.set_attn_implementation(ATTENTION)  # type: ignore[operator]


@torch.inference_mode()
def margins(model: TaggerModel, request: Request, header: Tokens, items: Sequence[int]) -> list[float]:
    """By how many logits each item of a line is preferred to the best other choice: below 0 it is not greedy.

    No packing, no draft, no batch, one item a pass; infinite where there is no other choice.
    """
    symbols, words = model.prompts.pieces.symbols, request.words
    source = [token for word in words for token in word]
    pending, past = [*request.prompt.before, *source, *request.prompt.after, *header], None
    cursor, found = Cursor(len(words)), []
    for item in items:
        output = model.network.model(torch.tensor([pending]), past_key_values=past, use_cache=True, logits_to_keep=1)
        logits, past = output.logits[0, -1], output.past_key_values
        word = words[min(cursor.word, len(words) - 1)][0]
        scores = {
            choice: float(logits[symbols[choice] if choice else word])
            for choice, allowed in zip(CHOICES, cursor.allowed(), strict=True)
            if allowed
        }
        chosen = scores.pop(min(item, 0))
        found.append(chosen - max(scores.values(), default=-torch.inf))
        if item != END:
            pending = list(words[item]) if item >= 0 else [symbols[item]]
            cursor = cursor.after(item)
    return found
