"""Inputs: rows of prompt and words as the tensors that a GLiNER network reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bioner.gliner.encoding import Encoding, WordTokens


@dataclass(frozen=True, slots=True)
class Row:
    """One window.

    Attributes:
        prompt: the tokens of each type asked for, marker included.
        words: the tokens of each word.
        segments: number of words of each sentence packed into the window; no span goes over the end of one.
        targets: first word, last word and type (position in the prompt) of each entity; for training.
    """

    prompt: Sequence[tuple[int, ...]]
    words: WordTokens
    segments: Sequence[int]
    targets: Sequence[tuple[int, int, int]] = ()


@dataclass(frozen=True, slots=True)
class Spans:
    """All spans that are scored, as arrays of equal length, row by row; `counts` is the number of spans of each row."""

    row: np.ndarray
    first: np.ndarray
    last: np.ndarray
    counts: list[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """What the network reads.

    Attributes:
        input_ids, attention_mask: tokens, (rows, tokens).
        words_mask: at the token that stands for a word its position from 1, else 0; (rows, tokens).
        lengths: words of each row.
        types: types of each row.
        spans: the spans to score.
        labels: 1 where a span has a type, (spans, most types of a row).
    """

    input_ids: Tensor
    attention_mask: Tensor
    words_mask: Tensor
    lengths: list[int]
    types: list[int]
    spans: Spans
    labels: Tensor


def make_batch(rows: Sequence[Row], encoding: Encoding, max_width: int) -> Batch:
    """Assemble rows; shorter ones are padded at the end."""
    inputs = [_tokens(row, encoding) for row in rows]
    longest = max(len(ids) for ids, _ in inputs)
    padding = encoding.tokenizer.pad_token_id or 0
    spans = enumerate_spans([row.segments for row in rows], max_width)
    return Batch(
        torch.tensor([ids + [padding] * (longest - len(ids)) for ids, _ in inputs]),
        torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in inputs]),
        torch.tensor([mask + [0] * (longest - len(mask)) for _, mask in inputs]),
        [len(row.words) for row in rows],
        [len(row.prompt) for row in rows],
        spans,
        _labels(rows, spans),
    )


def _tokens(row: Row, encoding: Encoding) -> tuple[list[int], list[int]]:
    """Token ids and word mask of a row: affix, prompt, separator, words, affix."""
    before, after = encoding.affixes
    ids = [*before, *(token for name in row.prompt for token in name), encoding.separator_token]
    mask = [0] * len(ids)
    for position, word in enumerate(row.words, 1):
        ids += word
        mask += encoding.mark(position, len(word))
    return [*ids, *after], mask + [0] * len(after)


def enumerate_spans(segments: Sequence[Sequence[int]], max_width: int) -> Spans:
    """All spans of at most `max_width` words that lie within one segment, by row, first word and width."""
    firsts, lasts = [], []
    for lengths in segments:
        ends = np.repeat(np.cumsum(lengths), lengths)  # of the segment that each word is in
        first = np.repeat(np.arange(len(ends)), max_width)
        last = first + np.tile(np.arange(max_width), len(ends))
        within = last < np.repeat(ends, max_width)
        firsts.append(first[within])
        lasts.append(last[within])
    counts = [len(first) for first in firsts]
    return Spans(np.repeat(np.arange(len(counts)), counts), np.concatenate(firsts), np.concatenate(lasts), counts)


def _labels(rows: Sequence[Row], spans: Spans) -> Tensor:
    labels = np.zeros((len(spans.row), max(len(row.prompt) for row in rows)), dtype=np.float32)
    extents = zip(spans.row.tolist(), spans.first.tolist(), spans.last.tolist(), strict=True)
    place = {extent: number for number, extent in enumerate(extents)}
    for number, row in enumerate(rows):
        for first, last, column in row.targets:
            labels[place[number, first, last], column] = 1.0
    return torch.from_numpy(labels)
