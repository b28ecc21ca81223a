"""What a training starts from: a plain encoder with a new head, or a checkpoint; and the characters it has to learn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioner.config import Variant
from bioner.errors import ModelError
from bioner.gliner.encoding import ENTITY, SEPARATOR, unknown_characters
from bioner.gliner.head import SPAN_LEVEL, TOKEN_LEVEL
from bioner.gliner.model import (
    CONFIG,
    Gliner,
    assemble,
    encoder_config,
    load_tokenizer,
    network_classes,
    read_model,
)
from bioner.references import download, locate

_PRIOR_LOGIT = 4.0  # a span is an entity of a given type with a probability of about 2 % before training
_FILES = ["*.json", "*.safetensors", "pytorch_model.bin", "*.txt", "*.model"]


def open_base(variant: Variant) -> Gliner:
    """The model that a variant starts from. A new head is initialised at random: seed torch before.

    Raises:
        ModelError: the reference of an encoder cannot be resolved or used.
    """
    folder = _folder(variant.encoder)
    if (folder / CONFIG).is_file():
        return read_model(folder, variant.max_words, variant.max_types, variant.max_width)
    labels = _folder(variant.labels_encoder) if variant.labels_encoder else None
    return _new(folder, labels, variant)


def _folder(reference: str) -> Path:
    location = locate(reference)
    if location.file is not None:
        raise ModelError(f"{reference!r} is a file", mend="give the folder of an encoder or of a GLiNER checkpoint")
    return location.folder or download(location.name, _FILES)


def _new(folder: Path, labels: Path | None, variant: Variant) -> Gliner:
    """A GLiNER on plain encoders: their weights, the two markers as new tokens, and a head without training."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = load_tokenizer(folder)
    tokenizer.add_tokens([ENTITY, SEPARATOR], special_tokens=True)
    settings = encoder_config(folder)
    more: dict[str, Any] = {}
    if labels is not None:
        more["labels_encoder"] = variant.labels_encoder
        more["labels_encoder_config"] = encoder_config(labels).to_dict() | {"_name_or_path": ""}
    make_config, make_network = network_classes(labels is not None, variant.head == "token")
    config = make_config(
        model_name=variant.encoder,
        encoder_config=settings.to_dict() | {"_name_or_path": ""},
        hidden_size=settings.hidden_size,
        max_width=variant.max_width,
        max_types=variant.max_types,
        dropout=variant.dropout,
        num_rnn_layers=0,  # a recurrent layer without training would stand between encoder and head
        embed_ent_token=False,  # a type is read at its name, which the encoder knows, and not at the new marker
        span_mode=TOKEN_LEVEL if variant.head == "token" else SPAN_LEVEL,
        class_token_index=tokenizer.convert_tokens_to_ids(ENTITY),
        ent_token=ENTITY,
        sep_token=SEPARATOR,
        **more,
    )
    network = make_network(config, from_pretrained=False)
    encoders = network.token_rep_layer
    _fill(encoders.bert_layer.model, folder)
    _resize(network, len(tokenizer))
    if labels is not None:
        _fill(encoders.labels_encoder.model, labels)
    initialise_head(network)
    return assemble(
        network, tokenizer, load_tokenizer(labels) if labels else None, variant.max_words, variant.max_types
    )


def _fill(encoder: Any, folder: Path) -> None:
    """Give an encoder the weights of a folder."""
    from transformers import AutoModel

    try:
        weights = AutoModel.from_pretrained(folder, local_files_only=True, trust_remote_code=False)  # a folder # nosec B615
    except (OSError, ValueError) as error:
        raise ModelError(f"the weights of the encoder cannot be read: {error}", where=str(folder)) from error
    encoder.load_state_dict(weights.float().state_dict())


def initialise_head(network: Any) -> None:
    """Start the head where it learns at once: spread logits around a low prior probability.

    With torch's defaults every layer shrinks its signal, so that the two vectors whose product is a logit are both
    close to zero, where the gradient of each vanishes with the other, and half of all spans begin as entities. Here
    signals keep their size (He et al. 2015), and one shared direction of the two vectors carries the prior (Lin et
    al. 2017, RetinaNet). The architecture is the published one.
    """
    import torch
    from torch import nn

    if network.config.span_mode == TOKEN_LEVEL:
        with torch.no_grad():  # this head has a bias of its own for the prior, and no product of two small vectors
            network.scorer.out_mlp[-1].bias.fill_(-_PRIOR_LOGIT)
        return
    marker = network.span_rep_layer.span_rep_layer
    size = network.config.hidden_size
    for block in (marker.project_start, marker.project_end, marker.out_project, network.prompt_rep_layer):
        for layer in (block[0], block[-1]):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu" if layer is block[0] else "linear")
            nn.init.zeros_(layer.bias)
    offset = math.sqrt(_PRIOR_LOGIT / size)
    with torch.no_grad():
        for block, sign in ((marker.out_project, -1.0), (network.prompt_rep_layer, 1.0)):
            block[-1].bias.fill_(sign * offset)


def learn_characters(model: Gliner, texts: Sequence[str]) -> int:
    """Give the characters of some texts that the tokenizer does not know tokens of their own; returns their number.

    An English vocabulary reads most Chinese characters as one and the same unknown token: names of types and
    of diseases would look alike.
    """
    tokenizer, labels = model.encoding.tokenizer, model.encoding.labels
    characters = unknown_characters(tokenizer, texts)
    if characters:
        tokenizer.add_tokens(characters)
        _resize(model.network, len(tokenizer))
    if labels is not None and (new := unknown_characters(labels, texts)):
        labels.add_tokens(new)
        _extend(model.network.token_rep_layer.labels_encoder.model, len(labels))
        model.network.config.labels_encoder_config.vocab_size = len(labels)
    return len(characters)


def _resize(network: Any, size: int) -> None:
    """Give the encoder of the text embeddings for `size` tokens."""
    _extend(network.token_rep_layer.bert_layer.model, size)
    network.config.vocab_size = size
    network.config.encoder_config.vocab_size = size


def _extend(encoder: Any, size: int) -> None:
    """Give an encoder embeddings for `size` tokens; new ones are drawn like the old ones, so that they differ.

    (The default of `transformers` puts all of them at the mean: hundreds of characters would begin as one.)
    """
    import torch

    old = encoder.get_input_embeddings().weight.detach().clone()
    new = encoder.resize_token_embeddings(size, mean_resizing=False).weight
    if size > len(old):
        with torch.no_grad():
            new[len(old) :] = old.mean(0) + old.std(0) * torch.randn(size - len(old), old.shape[1])
    encoder.config.vocab_size = size
