"""A GLiNER: the network of the `gliner` library with its tokenizer and limits, read from and written to a folder.

The folder is one that stock `gliner` loads too (`gliner_config.json`, `model.safetensors`, tokenizer files).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.errors import ConfigError, ModelError
from bioner.files import read_json
from bioner.gliner.encoding import Encoding
from bioner.gliner.head import SPAN_LEVEL, TOKEN_LEVEL
from bioner.importing import first_import
from bioner.references import download
from bioner.windows import Limits

CONFIG = "gliner_config.json"
WEIGHTS = "model.safetensors"
_PICKLED = "pytorch_model.bin"
LABELS_TOKENIZER = "labels_tokenizer"  # the folder where stock `gliner` keeps it
_OTHER_KINDS = {
    "labels_decoder": "a label-generating model",
    "relations_layer": "a relation model",
    "post_fusion_schema": "a bi-encoder that mixes text and types again after encoding",
}


@dataclass(frozen=True, slots=True)
class Gliner:
    """A GLiNER (Zaratiana et al. 2024, arXiv 2311.08526): uni- or bi-encoder, `markerV0` span head or token head.

    Attributes:
        network: a model of `gliner`, one of those of `network_classes`.
        encoding: its tokenizers.
        limits: what one window holds.
        max_types: most types of one prompt.
    """

    network: Any
    encoding: Encoding
    limits: Limits
    max_types: int


def assemble(network: Any, tokenizer: Any, labels: Any, max_words: int, max_types: int) -> Gliner:
    """Put a network and its tokenizers together; `labels` is that of a bi-encoder's types, else `None`."""
    config = network.config
    positions = getattr(config.encoder_config, "max_position_embeddings", None) or config.max_len
    read = getattr(getattr(config, "labels_encoder_config", None), "max_position_embeddings", None) or positions
    encoding = Encoding(tokenizer, config.ent_token, config.sep_token, positions, config.subtoken_pooling, labels, read)
    return Gliner(network, encoding, Limits(max_words, encoding.text_limit, config.max_width), max_types)


def read_model(folder: Path, max_words: int, max_types: int, max_width: int | None = None) -> Gliner:
    """A GLiNER checkpoint, ours or a released one.

    Raises:
        ModelError: the checkpoint is incomplete, or of a kind that is not supported.
    """
    network = load_network(folder, max_width)
    labels = load_labels_tokenizer(folder, network.config) if is_bi_encoder(network.config) else None
    return assemble(network, load_tokenizer(folder), labels, max_words, max_types)


def is_bi_encoder(config: Any) -> bool:
    """Whether a configuration of `gliner` names an encoder for the types."""
    return bool(getattr(config, "labels_encoder", None))


def network_classes(bi_encoder: bool, token_level: bool) -> tuple[type, type]:
    """The classes of `gliner` for configuration and network of one of the four kinds."""
    with first_import("gliner"):
        from gliner import config
        from gliner.modeling import base

    name = f"{'Bi' if bi_encoder else 'Uni'}Encoder{'Token' if token_level else 'Span'}"
    return getattr(config, f"{name}Config"), getattr(base, f"{name}Model")


def prompt_size(model: Gliner, prompts: Sequence[tuple[int, ...]]) -> int:
    """How many of some types (tokens of each) one prompt holds, whichever they are; for a bi-encoder all of them.

    Raises:
        ConfigError: not even one.
    """
    size = model.encoding.fitting(prompts)
    if model.encoding.prompted:
        size = min(model.max_types, size)
    if size == 0:
        raise ConfigError("the name of a type is too long for the model", mend="name the types in a few words")
    return size


def load_tokenizer(folder: Path) -> Any:
    """A tokenizer, set to add the special tokens that it defines (as stock `gliner` does).

    Raises:
        ModelError: there is none, or not a fast one.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)  # a folder # nosec B615
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"no tokenizer can be read: {error}", where=str(folder)) from error
    if not tokenizer.is_fast:
        raise ModelError("the tokenizer is not a fast one", where=str(folder), mend="use a model with a tokenizer.json")
    for kind in ("bos", "eos"):
        if hasattr(tokenizer, f"add_{kind}_token") and getattr(tokenizer, f"{kind}_token_id") is not None:
            setattr(tokenizer, f"add_{kind}_token", True)
    return tokenizer


def load_labels_tokenizer(folder: Path, config: Any) -> Any:
    """The tokenizer of a bi-encoder's types: beside its own, or (older checkpoints) that of the encoder it names.

    Raises:
        ModelError: it cannot be read.
    """
    if (folder / LABELS_TOKENIZER).is_dir():
        return load_tokenizer(folder / LABELS_TOKENIZER)
    return load_tokenizer(download(config.labels_encoder, ["*.json", "*.txt", "*.model"]))


def load_network(folder: Path, max_width: int | None = None) -> Any:
    """The network of a GLiNER checkpoint, ours or a released one.

    Args:
        max_width: another width than the checkpoint's; its weights do not depend on it.

    Raises:
        ModelError: the checkpoint is incomplete, or of a kind that is not supported.
    """
    config, kind = read_config(folder, max_width)
    network = kind(config, from_pretrained=False)
    if network.config.vocab_size > 0:
        network.token_rep_layer.resize_token_embeddings(network.config.vocab_size)
    try:
        network.load_state_dict(_read_weights(folder))
    except RuntimeError as error:
        raise ModelError(f"the weights do not fit the network: {error}", where=str(folder)) from error
    return network.float().eval()


def read_config(folder: Path, max_width: int | None = None) -> tuple[Any, type]:
    """The configuration of a checkpoint, and the class of its network; see `load_network`."""
    record = _checked(read_json(folder / CONFIG), folder)
    if max_width is not None:
        record["max_width"] = max_width
    record["encoder_config"] = record.get("encoder_config") or encoder_config(folder).to_dict()
    config, kind = network_classes(bool(record.get("labels_encoder")), record["span_mode"] == TOKEN_LEVEL)
    return config(**record), kind


def _checked(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    record.pop("model_type", None)
    for key, kind in _OTHER_KINDS.items():
        if record.get(key):
            raise ModelError(f"the checkpoint is {kind}", where=str(folder), mend="use a uni- or bi-encoder")
    if record.get("span_mode") not in (SPAN_LEVEL, TOKEN_LEVEL):
        mend = f"use a checkpoint with span mode {SPAN_LEVEL} or {TOKEN_LEVEL}"
        raise ModelError(f"the span mode {record.get('span_mode')!r} is not supported", where=str(folder), mend=mend)
    if record.get("represent_spans"):
        raise ModelError("a token head with span representations is not supported", where=str(folder))
    for key in ("encoder_config", "labels_encoder_config"):
        if "auto_map" in (record.get(key) or {}):
            raise ModelError("an encoder of the checkpoint wants to run code of its own", where=str(folder))
    if record.get("labels_encoder") and not record.get("labels_encoder_config"):
        raise ModelError("the checkpoint does not describe the encoder of its types", where=str(folder))
    return record


def encoder_config(folder: Path) -> Any:
    """The configuration of an encoder.

    Raises:
        ModelError: there is none, or it wants to run code of its own.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)  # a folder # nosec B615
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"no encoder can be read: {error}", where=str(folder)) from error
    if hasattr(config, "auto_map"):
        raise ModelError("the encoder wants to run code of its own", where=str(folder))
    return config


def _read_weights(folder: Path) -> dict[str, Any]:
    """The weights; a pickled file of a released checkpoint is read as plain tensors only, which runs no code."""
    import torch
    from safetensors.torch import load_file

    if (folder / WEIGHTS).is_file():
        return dict(load_file(folder / WEIGHTS))
    if (folder / _PICKLED).is_file():
        weights: dict[str, Any] = torch.load(folder / _PICKLED, map_location="cpu", weights_only=True)
        return weights
    raise ModelError(f"the checkpoint has no {WEIGHTS}", where=str(folder))


def save(model: Gliner, folder: Path) -> None:
    """Write network and tokenizers into an existing folder, without paths of this machine."""
    from safetensors.torch import save_file

    state = {name: value.contiguous() for name, value in model.network.state_dict().items()}
    save_file(state, folder / WEIGHTS, metadata={"format": "pt"})
    save_description(model, folder)


def save_description(model: Gliner, folder: Path) -> None:
    """Write all but the weights into an existing folder: configuration and tokenizers."""
    model.network.config.to_json_file(folder / CONFIG)
    model.encoding.tokenizer.save_pretrained(folder)
    if model.encoding.labels is not None:
        model.encoding.labels.save_pretrained(folder / LABELS_TOKENIZER)
