"""The inputs of a run as MLflow data sets: name, DVC hash, and the corpus they came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.config import SPLITS, Params
from bioner.tracking.provenance import dvc_hash

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput


def dataset_inputs(workspace: Path, inputs: Sequence[Path], params: Params) -> list[DatasetInput]:
    """One data set an input; a folder of document files is one data set a file.

    Args:
        workspace: what relative inputs are relative to.
        inputs: files and folders; a model folder is one input.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    found = []
    for path in _files(workspace, inputs):
        name = path.relative_to(workspace).as_posix() if path.is_relative_to(workspace) else path.as_posix()
        source = json.dumps({"uri": name}, ensure_ascii=False)
        profile = json.dumps(_origin(path, params), ensure_ascii=False)
        data = Dataset(name[-500:], dvc_hash(path), "local", source, profile=profile)
        found.append(DatasetInput(data, [InputTag("mlflow.data.context", _role(path))]))
    return found


def _files(workspace: Path, inputs: Sequence[Path]) -> Iterator[Path]:
    for path in (workspace / given for given in inputs):
        documents = sorted(path.glob("*.jsonl")) if path.is_dir() else []
        yield from documents or [path]


def _role(path: Path) -> str:
    """The split that a document file belongs to, else `input`."""
    return path.parent.name if path.parent.name in SPLITS else "input"


def _origin(path: Path, params: Params) -> dict[str, str]:
    corpus = params.corpora.get(path.stem) if path.parent.name in SPLITS else None
    if corpus is None:
        return {}
    return {"corpus": path.stem, "licence": corpus.licence, "source": corpus.source, "language": corpus.language}
