"""Fitting a GLiNER to annotated documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Any

from torch import Tensor

from bioner.config import GlinerPhase
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.gliner.asking import Asking, wordings
from bioner.gliner.backbone import learn_characters
from bioner.gliner.batches import Packed, Schedule
from bioner.gliner.dropout import cheap_dropout
from bioner.gliner.examples import Examples, make_examples
from bioner.gliner.head import batch_loss
from bioner.gliner.inputs import Row, make_batch
from bioner.gliner.model import Gliner, prompt_size
from bioner.gliner.overlap import Overlap
from bioner.stopping import Stopping
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
    phase: GlinerPhase,
    *,
    plan: Plan,
    seed: int,
    description: str,
    on_step: Callable[[Point], None] = lambda _point: None,
    evaluate: Callable[[Overlap], float] | None = None,
) -> Fit:
    """Train a model in place.

    Args:
        types: the types that are learnt, asked for by their names in the language of each document.
        phase: batch size and learning rates; which types are asked for, by which words; when to stop early.
        seed: of the batches and prompts; dropout depends on the state of torch's generator.
        evaluate: scores the model as it is on documents apart, given what may overlap; for early stopping.

    Raises:
        DataError: no annotation can be learnt from.
        ConfigError: a name, synonym or definition that is used is too long for the model.
    """
    called = [types.called(language).values() for language in {document.language for document in documents}]
    words = [[wordings(name, phase.sampling) for name in names] for names in called]
    texts = [document.text for document in documents]
    characters = learn_characters(model, texts + [text for known in words for some in known for text in some])
    examples = make_examples(documents, types.keys, model.encoding, model.limits, soft=phase.soft_labels)
    if not examples.groups:
        raise DataError("no annotation of the training data can be learnt from", mend="check labels and offsets")
    prompts = _prompts(model, words)
    longest = [[max((prompts[text] for text in some), key=len) for some in known] for known in words]
    asking = Asking.of(examples, types, phase.sampling, min(prompt_size(model, known) for known in longest))
    schedule = Schedule(examples, model.limits, asking, phase.batch_size, seed)
    with cheap_dropout(model.network):
        curve = train(
            model.network,
            _groups(model.network, phase),
            schedule.at,
            lambda batch: loss_of(model, batch, prompts),
            plan,
            description=description,
            on_step=on_step,
            stopping=_stopping(phase, evaluate, examples.overlap),
        )
    return Fit(curve, examples, characters)


def _prompts(model: Gliner, words: Sequence[Sequence[Sequence[str]]]) -> dict[str, tuple[int, ...]]:
    """The tokens of all that types are asked for by, computed once."""
    texts = list(dict.fromkeys(text for known in words for some in known for text in some))
    return dict(zip(texts, model.encoding.prompts(texts), strict=True))


def _stopping(phase: GlinerPhase, evaluate: Callable[[Overlap], float] | None, overlap: Overlap) -> Stopping | None:
    early = phase.early_stopping
    if early is None or evaluate is None:
        return None
    return Stopping(partial(evaluate, overlap), early.every, early.patience)


def _groups(network: Any, phase: GlinerPhase) -> list[dict[str, Any]]:
    """Parameters of the encoder (a bi-encoder has two) and of the rest, each with its learning rate."""
    layer = network.token_rep_layer
    encoders = [layer.bert_layer, *([layer.labels_encoder] if hasattr(layer, "labels_encoder") else [])]
    encoder = [parameter for one in encoders for parameter in one.parameters()]
    known = {id(parameter) for parameter in encoder}
    head = [parameter for parameter in network.parameters() if id(parameter) not in known]
    return [
        {"params": head, "lr": phase.head_learning_rate},
        {"params": encoder, "lr": phase.encoder_learning_rate},
    ]


def loss_of(model: Gliner, batch: Sequence[Packed], prompts: Mapping[str, tuple[int, ...]]) -> Tensor:
    """The loss of a batch of packed windows, given the tokens of all that types are asked for by."""
    rows = [row_of(packed, prompts) for packed in batch]
    inputs = make_batch(rows, model.encoding, model.limits.width)
    return batch_loss(model.network, inputs.to(next(model.network.parameters()).device))


def row_of(packed: Packed, prompts: Mapping[str, tuple[int, ...]]) -> Row:
    """A packed window as a row of input; the entities of types that it is not asked for are no targets."""
    column = {key: position for position, (key, _) in enumerate(packed.prompt)}
    targets, offset = [], 0
    weights: list[float] = []
    for example in packed.examples:
        asked = [key in column for _, _, key in example.spans]
        targets += [(offset + s, offset + e, column[key]) for s, e, key in compress(example.spans, asked)]
        weights += compress(example.scores, asked)
        offset += len(example.words)
    return Row(
        [prompts[text] for _, text in packed.prompt],
        tuple(word for example in packed.examples for word in example.words),
        [len(example.words) for example in packed.examples],
        targets,
        weights,
    )
