"""Inputs: rows of prompt and words as the tensors that a GLiNER network reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from bioner.gliner.encoding import Encoding, WordTokens

Targets = Sequence[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Row:
    """One window.

    Attributes:
        prompt: the tokens of each type asked for; for a uni-encoder its marker included.
        words: the tokens of each word.
        segments: number of words of each sentence packed into the window; no span goes over the end of one.
        targets: first word, last word and type (position in the prompt) of each entity; for training.
        weights: how much each target counts in the loss; empty where all count in full.
    """

    prompt: Sequence[tuple[int, ...]]
    words: WordTokens
    segments: Sequence[int]
    targets: Targets = ()
    weights: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Spans:
    """All spans that are scored, row by row, by first word and width.

    Attributes:
        first, last: words of each span, in its row.
        counts: number of spans of each row.
        begins: for each row, the number of the first span (in the row) that begins at each word.
    """

    first: np.ndarray
    last: np.ndarray
    counts: list[int]
    begins: list[np.ndarray]


@dataclass(frozen=True, slots=True)
class Batch:
    """What the network reads.

    Attributes:
        input_ids, attention_mask: tokens, (rows, tokens).
        words_mask: at the token that stands for a word its position from 1, else 0; (rows, tokens).
        lengths: words of each row.
        prompts: the tokens of each type of each row; a uni-encoder finds them in `input_ids` too.
        spans: the spans to score.
        targets: first word, last word and type of each entity of each row.
        weights: of the targets of each row; empty for a row whose targets all count in full.
    """

    input_ids: Tensor
    attention_mask: Tensor
    words_mask: Tensor
    lengths: list[int]
    prompts: list[Sequence[tuple[int, ...]]]
    spans: Spans
    targets: list[Targets]
    weights: list[Sequence[float]]

    @property
    def types(self) -> list[int]:
        """Number of types of each row."""
        return [len(prompt) for prompt in self.prompts]

    def to(self, device: torch.device) -> Batch:
        """The batch with its tensors on a device."""
        if self.input_ids.device == device:
            return self
        ids, attended, words = (x.to(device) for x in (self.input_ids, self.attention_mask, self.words_mask))
        return replace(self, input_ids=ids, attention_mask=attended, words_mask=words)


def make_batch(rows: Sequence[Row], encoding: Encoding, max_width: int) -> Batch:
    """Assemble rows; shorter ones are padded at the end."""
    inputs = [_tokens(row, encoding) for row in rows]
    longest = max(len(ids) for ids, _ in inputs)
    padding = encoding.tokenizer.pad_token_id or 0
    return Batch(
        torch.tensor([ids + [padding] * (longest - len(ids)) for ids, _ in inputs]),
        torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in inputs]),
        torch.tensor([mask + [0] * (longest - len(mask)) for _, mask in inputs]),
        [len(row.words) for row in rows],
        [row.prompt for row in rows],
        enumerate_spans([row.segments for row in rows], max_width),
        [row.targets for row in rows],
        [row.weights for row in rows],
    )


def _tokens(row: Row, encoding: Encoding) -> tuple[list[int], list[int]]:
    """Token ids and word mask of a row: affix, prompt and separator (of a uni-encoder), words, affix."""
    before, after = encoding.affixes
    ids = [*before]
    if encoding.prompted:
        ids += [*(token for name in row.prompt for token in name), encoding.separator_token]
    mask = [0] * len(ids)
    for position, word in enumerate(row.words, 1):
        ids += word
        mask += encoding.mark(position, len(word))
    return [*ids, *after], mask + [0] * len(after)


def enumerate_spans(segments: Sequence[Sequence[int]], max_width: int) -> Spans:
    """All spans of at most `max_width` words that lie within one segment, by row, first word and width."""
    firsts, lasts, begins = [], [], []
    for lengths in segments:
        ends = np.repeat(np.cumsum(lengths), lengths)  # of the segment that each word is in
        words = np.arange(len(ends))
        widths = np.minimum(ends - words, max_width)
        begin = np.cumsum(widths) - widths
        first = np.repeat(words, widths)
        firsts.append(first)
        lasts.append(first + np.arange(len(first)) - np.repeat(begin, widths))
        begins.append(begin)
    return Spans(np.concatenate(firsts), np.concatenate(lasts), [len(first) for first in firsts], begins)


def type_tokens(ids: np.ndarray, attended: np.ndarray, marker: int, types: list[int]) -> np.ndarray:
    """Where the marker of each type is, (rows, most types of a row); 0 beyond the types of a row.

    The prompt comes first, so that a marker in the text itself is none of these.
    """
    places = np.zeros((len(types), max(types)), dtype=np.int64)
    for row, count in enumerate(types):
        places[row, :count] = np.flatnonzero((ids[row] == marker) & (attended[row] > 0))[:count]
    return places
