"""The folder of a trained GLiNER: what stock `gliner` reads, and `bioner.json` with what only this project knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import write_json
from bioner.gliner.model import Gliner, read_model, save
from bioner.gliner.onnx_model import read_exported
from bioner.gliner.overlap import Overlap
from bioner.predictors import MANIFEST, read_manifest

_FORMAT = 2
TORCH = "torch"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says beside the weights.

    Attributes:
        base: reference of the encoder or checkpoint that the training started from.
        types: the types that the model was trained on.
        threshold: score from which a span is predicted.
        overlap: which predicted spans may stand together.
        max_words: words of one window.
        max_types: types of one prompt.
        runtime: what computes: `torch`, or the kind of export (see `onnx_model.KINDS`).
    """

    base: str
    types: EntityTypes
    threshold: float
    overlap: Overlap
    max_words: int
    max_types: int
    runtime: str = TORCH


def write_folder(folder: Path, model: Gliner, manifest: Manifest, save: Callable[[Gliner, Path], None] = save) -> None:
    """Write a model into an existing, empty folder; it needs no other file to be loaded.

    Args:
        save: writes what the runtime of the manifest reads.
    """
    save(model, folder)
    record = {
        "format": _FORMAT,
        "family": "gliner",
        "base": manifest.base,
        "types": manifest.types.to_record(),
        "threshold": manifest.threshold,
        "overlap": manifest.overlap.name.lower(),
        "max_words": manifest.max_words,
        "max_types": manifest.max_types,
        "runtime": manifest.runtime,
    }
    write_json(folder / MANIFEST, record)


def read_folder(folder: Path) -> tuple[Gliner, Manifest]:
    """Load what `write_folder` wrote.

    Raises:
        ModelError: the folder is incomplete or was written by another version.
    """
    _, record = read_manifest(f"path:{folder}")
    if record.get("format") != _FORMAT or record.get("family") != "gliner":
        raise ModelError("not a GLiNER of this version", where=str(folder / MANIFEST), mend="train the model again")
    manifest = Manifest(
        base=record["base"],
        types=EntityTypes.from_record(record["types"]),
        threshold=record["threshold"],
        overlap=Overlap[record["overlap"].upper()],
        max_words=record["max_words"],
        max_types=record["max_types"],
        runtime=record.get("runtime", TORCH),
    )
    read = read_model if manifest.runtime == TORCH else read_exported
    return read(folder, manifest.max_words, manifest.max_types), manifest
