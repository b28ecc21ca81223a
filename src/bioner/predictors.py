"""Predictors: one interface to every trained model, whatever its family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, cast

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, ModelError
from bioner.files import read_json
from bioner.references import locate

MANIFEST = "bioner.json"  # in every model folder: {"format": 1, "family": "gliner" | "tagger", ...}


class Predictor(Protocol):
    """A model that finds mentions of entity types."""

    @property
    def types(self) -> EntityTypes:
        """The types the model was trained on: the default of `predict`."""

    def predict(
        self, documents: Iterable[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        """The same documents, in the same order, annotated with scored spans instead of those they had.

        Documents of any length are annotated whole; offsets are code points of each document's text. No more documents
        are taken at a time than a few batches need, so that a file of any size can stream through.
        """


def load_predictor(reference: str) -> Predictor:
    """Load a trained model by reference (see `bioner.references`).

    Raises:
        ModelError: nothing is there, or it is not a model of this project.
    """
    folder, manifest = read_manifest(reference)
    match manifest.get("family"):
        case "gliner":
            from bioner.gliner.predictor import load_gliner

            return load_gliner(folder)
        case "tagger":
            from bioner.tagger.predictor import load_tagger

            return load_tagger(folder)
    raise ModelError(f"unknown model family {manifest.get('family')!r}", where=reference)


def at_threshold(predictor: Predictor, threshold: float | None) -> Predictor:
    """The same model with another score from which spans are predicted; `None` leaves its own.

    Raises:
        ConfigError: the threshold is not between 0 and 1.
    """
    if threshold is None:
        return predictor
    if not 0.0 <= threshold <= 1.0:
        raise ConfigError(f"the threshold {threshold} is not between 0 and 1", mend="give a score from 0 to 1")
    return cast(Predictor, replace(cast(Any, predictor), threshold=threshold))  # each predictor is a dataclass


def read_manifest(reference: str) -> tuple[Path, dict[str, Any]]:
    """The folder of a trained model, and what its `bioner.json` says.

    Raises:
        ModelError: nothing is there, or it is not a model of this project.
    """
    folder = locate(reference).folder
    if folder is None or not (folder / MANIFEST).is_file():
        raise ModelError(
            f"{reference!r} is not a model of this project: it has no {MANIFEST}",
            mend="give the folder of a trained model, or mlflow:models:/bioner-gliner@champion",
        )
    try:
        manifest: dict[str, Any] = read_json(folder / MANIFEST)
    except ValueError as error:
        raise ModelError(f"not JSON: {error}", where=str(folder / MANIFEST), mend="train the model anew") from error
    return folder, manifest
