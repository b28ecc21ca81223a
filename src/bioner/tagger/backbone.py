"""The causal LM that the tagger adapts, loaded by reference: a GGUF file, a folder or a name on a hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.errors import ModelError
from bioner.files import atomic_directory, hash_file
from bioner.importing import first_import
from bioner.references import Location, download, locate, pinned
from bioner.tagger.packed import ATTENTION, packed_attention
from bioner.tagger.quantisation import Quantise, quantised

CACHE = Path(".bioner/cache")  # of the workspace; a GGUF file takes 20 times as long to load as its safetensors


@dataclass(frozen=True, slots=True)
class Backbone:
    """A causal LM without adapters, and its tokenizer."""

    model: Any
    tokenizer: Any


def load_backbone(reference: str, quantise: Quantise | None = None) -> Backbone:
    """Load a causal LM for packed passes: bfloat16 on a GPU if there is one, else float32.

    The weights of a GGUF file are kept as safetensors in the state folder of the workspace, if the current folder
    is one.

    Args:
        quantise: how the weights of its linear layers are quantised.

    Raises:
        ModelError: nothing is there, it cannot be read or quantised, or it has no chat template.
    """
    with first_import("transformers"):
        from transformers import AttentionInterface
        from transformers.utils import logging

    logging.disable_progress_bar()
    AttentionInterface.register(ATTENTION, packed_attention)
    location = locate(reference)
    if location.file and quantise:
        mend = "choose a base in safetensors, or train a tagger without `quantise`"
        raise ModelError("the weights of a GGUF file are not quantised again", where=reference, mend=mend)
    options = quantised() if quantise else {}
    try:
        backbone = _from_gguf(location) if location.file else _load(*_whole(location), **options)
    except (OSError, ValueError) as error:
        raise ModelError(f"the base model {reference!r} cannot be loaded: {error}", where=location.name) from error
    if not backbone.tokenizer.chat_template:
        raise ModelError(f"the base model {reference!r} has no chat template", mend="choose an instruction-tuned model")
    return backbone


def _whole(location: Location) -> tuple[str, ...]:
    """What `from_pretrained` takes: a folder, or a name on the hub and its revision."""
    if location.hub is None:
        return (location.name,)
    download(location.hub, ["*.index.json"])  # and look where it leads
    return pinned(location.hub)


def _from_gguf(location: Location) -> Backbone:
    folder, file = location.folder or Path(), location.file or ""
    if not CACHE.parent.is_dir():
        return _load(str(folder), gguf_file=file)
    cached = CACHE / f"base-{hash_file(folder / file)[:16]}"
    if not cached.is_dir():
        backbone = _load(str(folder), gguf_file=file)
        with atomic_directory(cached) as aside:
            backbone.model.save_pretrained(aside)
            backbone.tokenizer.save_pretrained(aside)
        return backbone
    return _load(str(cached))


def _load(name: str, revision: str = "main", gguf_file: str | None = None, **options: Any) -> Backbone:
    import torch

    with first_import("transformers.models.auto"):
        from transformers import AutoModelForCausalLM, AutoTokenizer

    cuda = torch.cuda.is_available()
    source = {"gguf_file": gguf_file} if gguf_file else {}
    tokenizer = AutoTokenizer.from_pretrained(name, revision=revision, trust_remote_code=False, **source)
    model = AutoModelForCausalLM.from_pretrained(
        name,
        revision=revision,
        dtype=torch.bfloat16 if cuda else torch.float32,
        attn_implementation=ATTENTION,
        trust_remote_code=False,
        **source,
        **options,
    )
    if "device_map" not in options:
        model = model.to("cuda" if cuda else "cpu")
    return Backbone(model.eval().requires_grad_(False), tokenizer)
