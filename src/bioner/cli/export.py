"""`bioner export`: a trained GLiNER for ONNX Runtime, kept only if it is as good and faster."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bioner.cli.options import AsJson, print_json
from bioner.documents import Document, read_documents
from bioner.errors import ConfigError, DataError, GateError, ModelError
from bioner.files import atomic_directory, hash_file, write_json
from bioner.stages import layout

_RECORD = "export.json"  # in the folder of the export: what was measured, and on what


class Format(StrEnum):
    """What can be made of a model; the names of `bioner.gliner.onnx_model.KINDS`."""

    ONNX = "onnx"
    INT8 = "int8"


def export(
    reference: Annotated[str, typer.Argument(metavar="REF", help="Model reference of a trained GLiNER.")],
    out: Annotated[Path, typer.Option(help="Folder to write; --model path:FOLDER predicts with it.")],
    kind: Annotated[Format, typer.Option("--format", help="onnx, or int8: the same with 8-bit weights.")] = Format.ONNX,
    documents: Annotated[
        Path | None, typer.Option(help="Annotated documents (.jsonl) to measure on; by default the dev split.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Export a model, unless its strict F1 falls by more than half a point or it is not faster (exit code 6)."""
    from bioner.evaluation.score import strict_f1
    from bioner.gliner.folder import TORCH, read_folder, write_folder
    from bioner.gliner.onnx_graph import need_onnx
    from bioner.gliner.onnx_model import KINDS
    from bioner.gliner.onnx_trial import compare
    from bioner.gliner.predictor import load_gliner

    if out.exists():
        raise ConfigError("there is something already", where=str(out), mend="give --out a new folder, or remove it")
    need_onnx()
    files, gold = _gold(documents)
    source = _source(reference)
    model, manifest = read_folder(source)
    if manifest.runtime != TORCH:
        raise ModelError("this is an export already", where=reference, mend="export the model that it was made from")
    with atomic_directory(out) as aside:
        write_folder(aside, model, replace(manifest, runtime=kind.value), KINDS[kind.value])
        trial = compare(load_gliner(source), load_gliner(aside), gold, strict_f1, time.perf_counter)
        record = {"reference": reference, "format": kind.value, "documents": files} | _machine() | trial.to_record()
        write_json(aside / _RECORD, record)
        if as_json:
            print_json(record)
        if not trial.accepted:
            mend = "use the model as it is, or try the other --format"
            raise GateError(f"the {kind.value} export is refused: {trial}", where=reference, mend=mend)
    if not as_json:
        typer.echo(f"{out}: {trial}")


def _gold(file: Path | None) -> tuple[dict[str, str], list[Document]]:
    """The documents to measure on, and the hash of each file that they are from. Never a test split unasked."""
    if file is not None:
        if not file.is_file():
            raise DataError("there is no such file", where=str(file), mend="check --documents")
        files, gold = [file], list(read_documents(file))
    else:
        from bioner.stages.context import read_corpora

        corpora = read_corpora("dev")
        files = [layout.split("dev", name) for name in corpora]
        gold = [replace(one, id=f"{name}/{one.id}") for name, found in corpora.items() for one in found]
    return {file.as_posix(): hash_file(file) for file in files}, gold


def _source(reference: str) -> Path:
    from bioner.predictors import read_manifest

    folder, manifest = read_manifest(reference)
    if manifest.get("family") != "gliner":
        family = manifest.get("family")
        raise ModelError(f"a model of the family {family} cannot be exported", where=reference, mend="name a GLiNER")
    return folder


def _machine() -> dict[str, Any]:
    """What the speeds depend on beside the model."""
    import onnxruntime
    import torch

    versions = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
    return {"threads": torch.get_num_threads(), "versions": versions}
