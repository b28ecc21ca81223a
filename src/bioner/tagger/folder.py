"""The folder of a trained tagger: adapters as safetensors, and `bioner.json` with all else; the base is a reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import write_json
from bioner.predictors import MANIFEST, read_manifest
from bioner.tagger.model import SELECTOR, TAGGER, TaggerModel, add_selector, open_base
from bioner.tagger.network import Lora
from bioner.tagger.prompts import fingerprint
from bioner.tagger.quantisation import Quantise

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says beside the weights.

    Attributes:
        base: reference of the causal LM.
        types: the types that the model was trained on.
        threshold: score from which a span is predicted.
        max_words: words of one window.
        lora: size of the adapters.
        selector: whether the model has a selector.
        definitions: whether it is asked for types with their definitions, as it was trained.
        quantise: how the weights of the base are quantised, as they were when it was trained.
        opening_bias: how much rather a mention is opened; see `bioner.tagger.stepping.Stepper`.
    """

    base: str
    types: EntityTypes
    threshold: float
    max_words: int
    lora: Lora
    selector: bool
    definitions: bool = False
    quantise: Quantise | None = None
    opening_bias: float = 0.0


def write_folder(folder: Path, model: TaggerModel, manifest: Manifest) -> None:
    """Write a model into an existing, empty folder."""
    for name in _adapters(manifest):
        model.network.save(name, folder / f"{name}.safetensors")
    record = {
        "format": _FORMAT,
        "family": "tagger",
        "base": manifest.base,
        "prompt": fingerprint(manifest.definitions),
        "types": manifest.types.to_record(),
        "threshold": manifest.threshold,
        "max_words": manifest.max_words,
        "lora": manifest.lora.to_record(),
        "selector": manifest.selector,
        "definitions": manifest.definitions,
        "quantise": manifest.quantise,
        "opening_bias": manifest.opening_bias,
    }
    write_json(folder / MANIFEST, record)


def read_folder(folder: Path) -> tuple[TaggerModel, Manifest]:
    """Load what `write_folder` wrote.

    Raises:
        ModelError: the folder is incomplete, was written by another version, or its base is not at hand.
    """
    _, record = read_manifest(f"path:{folder}")
    where, mend = str(folder / MANIFEST), "train the model again"
    if record.get("format") != _FORMAT or record.get("family") != "tagger":
        raise ModelError("not a tagger of this version", where=where, mend=mend)
    definitions = record.get("definitions", False)  # a folder that says nothing of it is from before there was a choice
    if record["prompt"] != fingerprint(definitions):
        raise ModelError("the tagger was trained with other prompts than those of this version", where=where, mend=mend)
    manifest = Manifest(
        base=record["base"],
        types=EntityTypes.from_record(record["types"]),
        threshold=record["threshold"],
        max_words=record["max_words"],
        lora=Lora(**record["lora"]),
        selector=record["selector"],
        definitions=definitions,
        quantise=record.get("quantise"),
        opening_bias=record.get("opening_bias", 0.0),
    )
    model = replace(
        open_base(manifest.base, manifest.lora, definitions=definitions, quantise=manifest.quantise),
        opening_bias=manifest.opening_bias,
    )
    if manifest.selector:
        add_selector(model, manifest.lora)
    for name in _adapters(manifest):
        model.network.load(name, folder / f"{name}.safetensors")
    return model, manifest


def _adapters(manifest: Manifest) -> tuple[str, ...]:
    return (TAGGER, SELECTOR) if manifest.selector else (TAGGER,)
