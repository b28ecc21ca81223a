"""Predictors: one interface to every trained model, whatever its family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import read_json
from bioner.references import locate

MANIFEST = "bioner.json"  # in every model folder: {"format": 1, "family": "gliner" | "tagger", ...}


class Predictor(Protocol):
    """A model that finds mentions of entity types."""

    @property
    def types(self) -> EntityTypes:
        """The types the model was trained on: the default of `predict`."""

    def predict(
        self, documents: Sequence[Document], types: EntityTypes | None = None, *, batch_size: int = 16
    ) -> Iterator[Document]:
        """The same documents, in the same order, annotated with scored spans instead of those they had.

        Documents of any length are annotated whole; offsets are code points of each document's text.
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
