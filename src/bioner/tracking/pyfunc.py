"""Model folders as MLflow models: code and safetensors, an explicit signature, nothing pickled, nothing inferred."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bioner
from bioner.files import read_json
from bioner.predictors import MANIFEST
from bioner.tracking.store import Store

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel
    from mlflow.models import ModelSignature

MODEL = "model"  # the artifact that holds the model folder

# What the package imports to predict. MLflow's own guess would load the model once more and ask an index.
_NEEDED = (
    "accelerate",
    "gguf",
    "gliner",
    "mlflow",
    "numpy",
    "pandas",
    "peft",
    "psutil",
    "pydantic",
    "pyyaml",
    "rich",
    "safetensors",
    "torch",
    "transformers",
)
_EXAMPLE = {"text": "Aspirin can cause gastric bleeding in patients with liver cirrhosis.", "language": "en"}


def signature(threshold: float) -> ModelSignature:
    """Columns `text` and `language` (optional), params `labels` and `threshold`; a list of entities for each row.

    `labels` are entity types in words; none stands for those that the model was trained on. `threshold` is the score
    from which an entity is reported.

    Args:
        threshold: the model's own, which is the default of the param.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import Array, Object, Property

    entity = Object(
        [
            Property("start", DataType.long),
            Property("end", DataType.long),
            Property("fragments", Array(Array(DataType.long))),
            Property("text", DataType.string),
            Property("label", DataType.string),
            Property("score", DataType.double, required=False),
        ]
    )
    return ModelSignature(
        inputs=Schema([ColSpec("string", "text"), ColSpec("string", "language", required=False)]),
        outputs=Schema([ColSpec(Array(entity))]),
        params=ParamSchema(
            [ParamSpec("labels", DataType.string, [], shape=(-1,)), ParamSpec("threshold", DataType.double, threshold)]
        ),
    )


def requirements() -> list[str]:
    """The packages a server of the model needs, at the versions that are installed here."""
    return [f"{name}=={version(name).partition('+')[0]}" for name in _NEEDED]


def log_model(store: Store, run: str, name: str, folder: Path, tags: Mapping[str, str]) -> LoggedModel:
    """Log a model folder under a run, with this package's code, so that `mlflow.pyfunc.load_model` needs nothing else.

    Args:
        run: the run that made the model.
        name: the name of the logged model.
    """
    logged = store.client.create_logged_model(store.experiment, name, run, tags=dict(tags), model_type="ner")
    with tempfile.TemporaryDirectory() as place:
        save_model(Path(place) / "model", folder, run_id=run, model_id=logged.model_id)
        store.client.log_model_artifacts(logged.model_id, str(Path(place) / "model"))
    return store.client.finalize_logged_model(logged.model_id, "READY")


def save_model(path: Path, folder: Path, **ids: Any) -> None:
    """Write a model folder as an MLflow model to a new folder `path`; `ids` go to `mlflow.models.Model`."""
    import pandas
    from mlflow.models import Model
    from mlflow.pyfunc import save_model as save

    package = Path(bioner.__file__).parent
    save(
        path=str(path),
        mlflow_model=Model(artifact_path="model", **ids),
        python_model=str(package / "tracking" / "pyfunc_model.py"),
        artifacts={MODEL: str(folder.resolve())},
        code_paths=[str(package)],
        signature=signature(float(read_json(folder / MANIFEST)["threshold"])),
        input_example=pandas.DataFrame([_EXAMPLE]),
        pip_requirements=requirements(),
    )
