"""Stage report: what all stages left behind as one HTML file that a person can read."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioner.documents import Document, read_documents
from bioner.errors import DataError
from bioner.evaluation.pairing import read_pool
from bioner.evaluation.scores import Scores
from bioner.files import atomic_write, read_json
from bioner.report.charts import Point
from bioner.report.inputs import Inputs
from bioner.report.page import render
from bioner.stages import layout
from bioner.stages.context import Context

_METRICS = Path("metrics")


def run(context: Context) -> None:
    """Write `reports/report.html`; a section whose files are missing says so.

    Raises:
        DataError: a file is not valid, or predictions do not fit the test documents.
    """
    params = context.params
    evaluations = {model: _evaluation(model) for model in params.models if layout.metrics("evaluate", model).is_file()}
    corpora = {model: record["corpora"] for model, record in evaluations.items()}
    inputs = Inputs(
        types=params.entity_types,
        corpora=params.corpora,
        metrics=_metrics(),
        scores={model: Scores.from_record(record["scores"]) for model, record in evaluations.items()},
        corpus_scores={
            model: {name: Scores.from_record(part) for name, part in parts.items()} for model, parts in corpora.items()
        },
        curves={file.stem: _curve(file) for file in sorted(layout.curve("*").parent.glob("*.csv"))},
        gold=read_pool(layout.split("test")),
        predictions={m: read_pool(layout.predictions(m)) for m in params.models if layout.predictions(m).is_dir()},
        quarantined=_quarantined(),
        worst=params.report.worst,
        examples=params.report.quarantined,
    )
    page = render(inputs)
    with atomic_write(layout.REPORT) as out:
        out.write(page)


def _evaluation(model: str) -> Mapping[str, Any]:
    record: Mapping[str, Any] = read_json(layout.metrics("evaluate", model))
    return record


def _metrics() -> dict[str, Mapping[str, Any]]:
    """Every metrics file but those of `evaluate`, by `stage` or `stage/item`."""
    files = {file.relative_to(_METRICS).with_suffix("").as_posix(): file for file in _METRICS.rglob("*.json")}
    return {name: read_json(files[name]) for name in sorted(files) if not name.startswith("evaluate/")}


def _curve(file: Path) -> list[Point]:
    """The `(step, loss)` of a training curve.

    Raises:
        DataError: a column is missing or not a number.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        try:
            return [(float(row["step"]), float(row["loss"])) for row in csv.DictReader(lines)]
        except (KeyError, TypeError, ValueError) as error:
            mend = "remove the file and run the stage that writes it"
            raise DataError(f"not a training curve: {error!r}", where=str(file), mend=mend) from error


def _quarantined() -> list[Document] | None:
    return list(read_documents(layout.QUARANTINE)) if layout.QUARANTINE.is_file() else None
