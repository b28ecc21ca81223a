"""Fitting a GLiNER to annotated documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from bioner.config import GlinerPhase, Variant
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.gliner.backbone import learn_characters
from bioner.gliner.batches import Packed, Schedule
from bioner.gliner.examples import Examples, make_examples
from bioner.gliner.head import span_logits
from bioner.gliner.inputs import Row, make_batch
from bioner.gliner.model import Gliner, prompt_size
from bioner.training import Plan, Point, train


@dataclass(frozen=True, slots=True)
class Fit:
    """What a training did.

    Attributes:
        curve: one point a step.
        examples: what was learnt from, and what was lost.
        characters: how many characters were new to the tokenizer.
    """

    curve: list[Point]
    examples: Examples
    characters: int


def fit(
    model: Gliner,
    documents: Sequence[Document],
    types: EntityTypes,
    variant: Variant,
    phase: GlinerPhase,
    *,
    plan: Plan,
    seed: int,
    description: str,
    on_step: Callable[[Point], None] = lambda _point: None,
) -> Fit:
    """Train a model in place.

    Args:
        types: the types that are learnt, asked for by their names in the language of each document.
        variant: how many types are asked for that a window lacks.
        phase: batch size and learning rates.
        seed: of the batches and prompts; dropout depends on the state of torch's generator.

    Raises:
        DataError: no annotation can be learnt from.
        ConfigError: the name of a type is too long for the model.
    """
    names = {language: types.names(language) for language in {document.language for document in documents}}
    texts = [document.text for document in documents]
    characters = learn_characters(model, texts + [name for known in names.values() for name in known.values()])
    examples = make_examples(documents, types.keys, model.encoding, model.limits)
    if not examples.groups:
        raise DataError("no annotation of the training data can be learnt from", mend="check labels and offsets")
    prompts = {language: _prompts(model, known) for language, known in names.items()}
    most = min(prompt_size(model, list(known.values())) for known in prompts.values())
    schedule = Schedule(examples, model.limits, phase.batch_size, most, variant.negative_types, seed)
    curve = train(
        model.network,
        _groups(model.network, phase),
        schedule.at,
        lambda batch: loss_of(model, batch, prompts),
        plan,
        description=description,
        on_step=on_step,
    )
    return Fit(curve, examples, characters)


def _prompts(model: Gliner, names: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    return dict(zip(names, model.encoding.prompts(list(names.values())), strict=True))


def _groups(network: Any, phase: GlinerPhase) -> list[dict[str, Any]]:
    """Parameters of the encoder and of the rest, each with its learning rate."""
    encoder = list(network.token_rep_layer.bert_layer.parameters())
    known = {id(parameter) for parameter in encoder}
    head = [parameter for parameter in network.parameters() if id(parameter) not in known]
    return [
        {"params": head, "lr": phase.head_learning_rate},
        {"params": encoder, "lr": phase.encoder_learning_rate},
    ]


def loss_of(model: Gliner, batch: Sequence[Packed], prompts: Mapping[str, Mapping[str, tuple[int, ...]]]) -> Tensor:
    """Binary cross-entropy of all spans and types, summed (the default loss of `gliner`) and divided by the windows."""
    rows = [row_of(packed, prompts[packed.group[0]]) for packed in batch]
    inputs = make_batch(rows, model.encoding, model.limits.width)
    logits = span_logits(model.network, inputs)
    labels = torch.split(inputs.labels, inputs.spans.counts)
    losses = [
        functional.binary_cross_entropy_with_logits(scores, truth[:, : scores.shape[1]], reduction="sum")
        for scores, truth in zip(logits, labels, strict=True)
    ]
    return torch.stack(losses).sum() / len(batch)


def row_of(packed: Packed, prompts: Mapping[str, tuple[int, ...]]) -> Row:
    """A packed window as a row of input."""
    column = {key: position for position, key in enumerate(packed.types)}
    targets, offset = [], 0
    for example in packed.examples:
        targets += [(offset + s, offset + e, column[key]) for s, e, key in example.spans if key in column]
        offset += len(example.words)
    return Row(
        [prompts[key] for key in packed.types],
        tuple(word for example in packed.examples for word in example.words),
        [len(example.words) for example in packed.examples],
        targets,
    )
