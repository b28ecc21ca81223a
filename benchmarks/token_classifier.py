"""The limit of what a span model on the same encoder can reach: a plain token classifier, with `transformers`.

One label a word (BIO) at its first token, batches of like length: what most people would write. Flat entities only.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from bioner.documents import Document, Span
from bioner.gliner.model import load_tokenizer
from bioner.references import locate
from bioner.words import Words

_IGNORED = -100  # label of tokens that do not stand for a word
_POOL = 16  # batches that are sorted by length together
_WARMUP = 0.1  # share of the updates
_TRIED = 30  # updates that tell how many fit into the time
_LONGEST = 510  # tokens of a sentence that are read


class TokenClassifier:
    """An encoder with a linear layer over BIO labels.

    Args:
        encoder: reference of the encoder.
        keys: the entity types.
        seed: of the new layer.
    """

    def __init__(self, encoder: str, keys: Sequence[str], seed: int) -> None:
        from transformers import AutoModelForTokenClassification
        from transformers.utils import logging

        logging.set_verbosity_error()
        torch.manual_seed(seed)
        folder = locate(encoder).folder
        self._labels = ["O", *(f"{place}-{key}" for key in keys for place in "BI")]
        self._tokenizer = load_tokenizer(folder)
        self.network = AutoModelForTokenClassification.from_pretrained(folder, num_labels=len(self._labels))

    def train(self, documents: Sequence[Document], *, minutes: float, batch_size: int, rate: float, seed: int) -> int:
        """Train on all documents as many times as fit into the time, with a warm-up and linear decay.

        The time is that of the processor, estimated from the first batches. Returns the number of epochs, at least 1.
        """
        encoded = [self._encode(document) for document in documents]
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=rate, weight_decay=0.01, fused=True)
        size = -(-len(documents) // batch_size)
        rng, began, epochs, step = random.Random(seed), time.process_time(), 1, 0
        self.network.train()
        while step < epochs * size:
            for batch in _batches(encoded, batch_size, rng):
                total = epochs * size
                rise = max(1, round(_WARMUP * total))
                optimizer.param_groups[0]["lr"] = rate * min((step + 1) / rise, (total - step) / max(1, total - rise))
                self._update(batch, optimizer)
                step += 1
                if step == _TRIED:
                    epochs = max(1, int(60 * minutes / ((time.process_time() - began) / step) / size))
        return epochs

    def _update(self, batch: Sequence[Any], optimizer: torch.optim.Optimizer) -> None:
        ids, mask, labels = _padded(batch)
        logits = self.network(input_ids=ids, attention_mask=mask).logits
        loss = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=_IGNORED)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    @torch.inference_mode()
    def predict(self, documents: Sequence[Document], batch_size: int = 16) -> list[Document]:
        """The documents, annotated, in their order."""
        self.network.eval()
        order = sorted(range(len(documents)), key=lambda n: len(documents[n].text))
        found: dict[int, Document] = {}
        for numbers in _chunks(order, batch_size):
            encoded = [self._encode(documents[number]) for number in numbers]
            ids, mask, labels = _padded(encoded)
            best = self.network(input_ids=ids, attention_mask=mask).logits.argmax(-1)
            for row, number in enumerate(numbers):
                tags = [self._labels[label] for label in best[row][labels[row] != _IGNORED].tolist()]
                found[number] = documents[number].with_spans(_spans(tags, Words.of(documents[number].text)))
        return [found[number] for number in range(len(documents))]

    def _encode(self, document: Document) -> tuple[list[int], list[int]]:
        """Token ids and label of each token."""
        words = Words.of(document.text)
        tags = [0] * len(words)
        for span in document.spans:
            place = words.locate(span)
            if place is not None:
                begin = self._labels.index(f"B-{span.label}")
                tags[place[0]] = begin
                tags[place[0] + 1 : place[1] + 1] = [begin + 1] * (place[1] - place[0])
        batch = self._tokenizer(words.texts(document.text), is_split_into_words=True, verbose=False)
        owners, before = batch.word_ids(), None
        labels = []
        for owner in owners:
            labels.append(_IGNORED if owner is None or owner == before else tags[owner])
            before = owner
        return batch["input_ids"][:_LONGEST], labels[:_LONGEST]


def _batches(encoded: Sequence[Any], batch_size: int, rng: random.Random) -> Iterator[list[Any]]:
    shuffled = rng.sample(encoded, len(encoded))
    batches: list[list[Any]] = []
    for pool in _chunks(shuffled, _POOL * batch_size):
        batches += _chunks(sorted(pool, key=lambda one: len(one[0])), batch_size)
    yield from rng.sample(batches, len(batches))


def _chunks(items: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def _padded(batch: Sequence[tuple[list[int], list[int]]]) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(ids) for ids, _ in batch)

    def fill(values: list[int], padding: int) -> list[int]:
        return values + [padding] * (longest - len(values))

    ids = torch.tensor([fill(ids, 0) for ids, _ in batch])
    mask = torch.tensor([fill([1] * len(ids), 0) for ids, _ in batch])
    return ids, mask, torch.tensor([fill(labels, _IGNORED) for _, labels in batch])


def _spans(tags: Sequence[str], words: Words) -> Iterator[Span]:
    """The entities of a sequence of BIO labels; an I after another type or after O begins an entity too."""
    start, key = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        position, _, kind = tag.partition("-")
        if key and (position != "I" or kind != key):
            yield Span.of(*words.characters(start, place - 1), key)
            key = ""
        if position == "B" or (position == "I" and not key):
            start, key = place, kind
