"""What a training starts from: a plain encoder with a new head, or a checkpoint; and the characters it has to learn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioner.config import Variant
from bioner.errors import ModelError
from bioner.gliner.encoding import ENTITY, SEPARATOR, unknown_characters
from bioner.gliner.model import CONFIG, Gliner, assemble, encoder_config, load_network, load_tokenizer
from bioner.references import download, locate

_PRIOR_LOGIT = 4.0  # a span is an entity of a given type with a probability of about 2 % before training
_FILES = ["*.json", "*.safetensors", "pytorch_model.bin", "*.txt", "*.model"]


def open_base(variant: Variant) -> Gliner:
    """The model that a variant starts from. A new head is initialised at random: seed torch before.

    Raises:
        ModelError: the reference of the encoder cannot be resolved or used.
    """
    folder = _folder(variant.encoder)
    if (folder / CONFIG).is_file():
        network, tokenizer = load_network(folder, variant.max_width), load_tokenizer(folder)
    else:
        network, tokenizer = _new(folder, variant)
    return assemble(network, tokenizer, variant.max_words, variant.max_types)


def _folder(reference: str) -> Path:
    location = locate(reference)
    if location.file is not None:
        raise ModelError(f"{reference!r} is a file", mend="give the folder of an encoder or of a GLiNER checkpoint")
    return location.folder or download(location.name, _FILES)


def _new(folder: Path, variant: Variant) -> tuple[Any, Any]:
    """A GLiNER on a plain encoder: its weights, the two markers as new tokens, and a head without training."""
    from gliner.config import UniEncoderSpanConfig
    from gliner.modeling.base import UniEncoderSpanModel
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()

    tokenizer = load_tokenizer(folder)
    tokenizer.add_tokens([ENTITY, SEPARATOR], special_tokens=True)
    settings = encoder_config(folder)
    config = UniEncoderSpanConfig(
        model_name=variant.encoder,
        encoder_config=settings.to_dict() | {"_name_or_path": ""},
        hidden_size=settings.hidden_size,
        max_width=variant.max_width,
        max_types=variant.max_types,
        dropout=variant.dropout,
        num_rnn_layers=0,  # a recurrent layer without training would stand between encoder and head
        embed_ent_token=False,  # a type is read at its name, which the encoder knows, and not at the new marker
        span_mode="markerV0",
        class_token_index=tokenizer.convert_tokens_to_ids(ENTITY),
        ent_token=ENTITY,
        sep_token=SEPARATOR,
    )
    network = UniEncoderSpanModel(config, from_pretrained=False)
    try:
        encoder = AutoModel.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"the weights of the encoder cannot be read: {error}", where=str(folder)) from error
    network.token_rep_layer.bert_layer.model.load_state_dict(encoder.float().state_dict())
    _resize(network, len(tokenizer))
    initialise_head(network)
    return network, tokenizer


def initialise_head(network: Any) -> None:
    """Start the span head where it learns at once: spread logits around a low prior probability.

    With torch's defaults every layer shrinks its signal, so that the two vectors whose product is a logit are both
    close to zero, where the gradient of each vanishes with the other, and half of all spans begin as entities. Here
    signals keep their size (He et al. 2015), and one shared direction of the two vectors carries the prior (Lin et
    al. 2017, RetinaNet). The architecture is the published one.
    """
    import torch
    from torch import nn

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
    tokenizer = model.encoding.tokenizer
    characters = unknown_characters(tokenizer, texts)
    if characters:
        tokenizer.add_tokens(characters)
        _resize(model.network, len(tokenizer))
    return len(characters)


def _resize(network: Any, size: int) -> None:
    """Give the encoder embeddings for `size` tokens; new ones are drawn like the old ones, so that they differ.

    (The default of `transformers` puts all of them at the mean: hundreds of characters would begin as one.)
    """
    import torch

    encoder = network.token_rep_layer.bert_layer.model
    old = encoder.get_input_embeddings().weight.detach().clone()
    new = encoder.resize_token_embeddings(size, mean_resizing=False).weight
    if size > len(old):
        with torch.no_grad():
            new[len(old) :] = old.mean(0) + old.std(0) * torch.randn(size - len(old), old.shape[1])
    network.config.vocab_size = size
    network.config.encoder_config.vocab_size = size
