"""The other routes to tagged lines, in stock `transformers`: free generation, and one item a pass under our rules.

Both get the weights with the adapter merged into them, which is how they are fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from bioner.tagger.cursor import CHOICES, Cursor
from bioner.tagger.decoding import Request
from bioner.tagger.model import TaggerModel
from bioner.tagger.pieces import Tokens
from bioner.tagger.symbols import END

_FREE = {"do_sample": True, "temperature": 0.5, "top_k": 8}  # as the published code generates
_SYMBOLS = 16  # tokens of an answer beside those of the sentence


class Stock:
    """A tagger's model without anything of ours in it; the tagger itself is of no use any more."""

    def __init__(self, tagger: TaggerModel) -> None:
        self.model: Any = tagger.network.model.merge_and_unload()  # type: ignore[operator]
        self.model.set_attn_implementation("sdpa")
        self.symbols = tagger.prompts.pieces.symbols
        self._head: Tensor = self.model.get_output_embeddings().weight

    @torch.inference_mode()
    def generate(self, requests: Sequence[Request]) -> list[list[int]]:
        """The published route: one prompt at a time, a prompt for each type, until the model ends the line.

        The published answers are whole copies, and end with the sentence; here they end earlier if the model ends its
        line. The published bound of 8192 tokens would only be slower where it does not.
        """
        answers = []
        for one, prompt in ((request, tokens) for request in requests for tokens in _prompts(request)):
            inputs = torch.tensor([prompt])
            answer = self.model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=sum(map(len, one.words)) + _SYMBOLS,
                eos_token_id=[self.symbols[END], self.model.config.eos_token_id],
                pad_token_id=0,
                **_FREE,
            )
            answers.append(answer[0, len(prompt) :].tolist())
        return answers

    @torch.inference_mode()
    def step_by_step(self, requests: Sequence[Request]) -> list[tuple[int, ...]]:
        """The lines of a batch by constrained greedy decoding: a cache, one item of every line a pass.

        Lines that are finished leave the batch. Only the tokens that may follow are scored, as in ours.
        """
        lines = [
            _Line(request.words, list(tokens), Cursor(len(request.words)))
            for request in requests
            for tokens in _prompts(request)
        ]
        writing, cache, seen = lines, None, torch.zeros(len(lines), 0, dtype=torch.long)
        while writing:
            tokens, given = _padded([line.pending for line in writing])
            seen = torch.cat([seen, given], 1)
            places = (seen.cumsum(1) - 1).clamp_min(0)[:, -tokens.shape[1] :]
            output = self.model.model(
                input_ids=tokens, attention_mask=seen, position_ids=places, past_key_values=cache, use_cache=True
            )
            cache = output.past_key_values
            self._choose(writing, output.last_hidden_state[:, -1])
            kept = torch.tensor([number for number, line in enumerate(writing) if not line.finished], dtype=torch.long)
            if 0 < len(kept) < len(writing):
                cache.batch_select_indices(kept)
                seen = seen[kept]
            writing = [line for line in writing if not line.finished]
        return [tuple(line.items) for line in lines]

    def _choose(self, lines: Sequence[_Line], states: Tensor) -> None:
        symbols = [self.symbols[symbol] for symbol in CHOICES[1:]]
        tokens = torch.tensor([(line.next_token, *symbols) for line in lines])
        allowed = torch.tensor([line.cursor.allowed() for line in lines])
        logits = torch.einsum("nd,ncd->nc", states, self._head[tokens]).masked_fill(~allowed, -1e9)
        for line, own in zip(lines, logits.tolist(), strict=True):
            line.write(own, self.symbols)


@dataclass(slots=True)
class _Line:
    """A line while it is written: what was chosen, and the tokens that the next pass is to read."""

    words: Sequence[Tokens]
    pending: list[int]
    cursor: Cursor
    items: list[int] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return bool(self.items) and self.items[-1] == END

    @property
    def next_token(self) -> int:
        return self.words[min(self.cursor.word, len(self.words) - 1)][0]

    def write(self, logits: Sequence[float], symbols: dict[int, int]) -> None:
        which = max(range(len(CHOICES)), key=lambda choice: logits[choice])
        self.items.append(CHOICES[which] if which else self.cursor.word)
        if self.items[-1] != END:
            self.pending = [symbols[CHOICES[which]]] if which else list(self.words[self.cursor.word])
            self.cursor = self.cursor.after(self.items[-1])


def _prompts(request: Request) -> list[Tokens]:
    source = tuple(token for word in request.words for token in word)
    return [request.prompt.before + source + request.prompt.after + header for header in request.headers]


def _padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Rows filled up on the left, and which places hold a token."""
    width = max(map(len, rows))
    tokens = torch.tensor([[0] * (width - len(row)) + list(row) for row in rows])
    given = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return tokens, given
