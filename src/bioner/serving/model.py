"""The model that is served: which one exactly, and what the service tells about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bioner.documents import Document
from bioner.files import hash_tree
from bioner.predictors import Predictor, load_predictor, read_manifest
from bioner.registered import registry_client, resolve

_REGISTRY = "mlflow:"
_WARM_UP = Document("warm-up", "Aspirin can cause gastric bleeding.", "en")


class Served:
    """A model by reference; an alias is resolved once, so that what is told is what is loaded.

    Attributes:
        about: reference, version (of a registered model), SHA-256 of the files, family, types and threshold; empty
            before the model is loaded.
    """

    def __init__(self, reference: str) -> None:
        """Nothing is loaded yet."""
        self._reference = reference
        self.about: dict[str, Any] = {}

    def load(self) -> Predictor:
        """Load the model, and try it on a sentence: the first prediction is slower than those after it.

        Raises:
            ModelError: nothing is there, or it is not a model of this project.
        """
        pinned, version = _pinned(self._reference)
        folder, manifest = read_manifest(pinned)
        predictor = load_predictor(f"path:{folder}")
        list(predictor.predict([_WARM_UP]))
        self.about = {
            "reference": self._reference,
            "version": version,
            "sha256": hash_tree(folder),
            "family": manifest["family"],
            "types": predictor.types.to_record(),
            "threshold": manifest.get("threshold"),
        }
        return predictor


def _pinned(reference: str) -> tuple[str, str | None]:
    """The reference with a version instead of an alias, and that version."""
    if not reference.startswith(_REGISTRY):
        return reference, None
    found = resolve(registry_client(Path.cwd()), reference.removeprefix(_REGISTRY))
    return f"{_REGISTRY}models:/{found.name}/{found.version}", str(found.version)
