"""Stage report: what all stages left behind as one HTML file that a person can read, and its figures as plots."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.config import Params, Registered
from bioner.documents import Document, read_documents
from bioner.errors import DataError, ModelError, RegistryError
from bioner.evaluation.analysis import Analysis, analyse
from bioner.evaluation.pairing import read_pool
from bioner.evaluation.scores import Scores
from bioner.files import atomic_write, read_json
from bioner.registered import registry_client
from bioner.report.charts import Point
from bioner.report.inputs import Inputs
from bioner.report.page import render
from bioner.report.plots import write_plots
from bioner.report.rivals import Rival
from bioner.stages import layout
from bioner.stages.context import Context

if TYPE_CHECKING:
    from bioner.tracking.store import Store

_METRICS = Path("metrics")


def run(context: Context) -> None:
    """Write `reports/report.html` and `reports/plots`; a section whose files are missing says so.

    Which version is champion is read from the registry. Without one, or where it cannot be reached, the page says so,
    and the figures go to no run.

    Raises:
        DataError: a file is not valid, or predictions do not fit the test documents.
    """
    store = _store()
    inputs = _inputs(context.params, store)
    page = render(inputs)
    with atomic_write(layout.REPORT) as out:
        out.write(page)
    write_plots(layout.PLOTS, inputs.analyses)
    if not isinstance(store, str):
        _record(context, inputs.analyses)


def _inputs(params: Params, store: Store | str) -> Inputs:
    evaluations = {model: _evaluation(model) for model in params.models if layout.metrics("evaluate", model).is_file()}
    corpora = {model: record["corpora"] for model, record in evaluations.items()}
    gold = read_pool(layout.split("test"))
    predictions = {m: read_pool(layout.predictions(m)) for m in params.models if layout.predictions(m).is_dir()}
    entries = {entry.model: entry for entry in (params.registry.gliner, params.registry.tagger)}
    return Inputs(
        types=params.entity_types,
        corpora=params.corpora,
        metrics=_metrics(),
        scores={model: Scores.from_record(record["scores"]) for model, record in evaluations.items()},
        corpus_scores={
            model: {name: Scores.from_record(part) for name, part in parts.items()} for model, parts in corpora.items()
        },
        curves={file.stem: _curve(file) for file in sorted(layout.curve("*").parent.glob("*.csv"))},
        gold=gold,
        predictions=predictions,
        analyses={model: analyse(gold, predicted) for model, predicted in predictions.items()},
        rivals={m: _rival(store, params, entries[m]) for m in evaluations if m in predictions and m in entries},
        quarantined=_quarantined(),
        worst=params.report.worst,
        examples=params.report.quarantined,
    )


def _store() -> Store | str:
    """The tracking store, or why there is none, fit for a page that is handed on; a report makes no store."""
    try:
        registry_client(Path.cwd())
        from bioner.tracking.store import connect

        return connect(Path.cwd())
    except (ModelError, RegistryError) as error:
        print(f"the report goes to no run: {error}", file=sys.stderr)  # noqa: T201
        return error.what if isinstance(error, ModelError) else "the registry cannot be reached"


def _rival(store: Store | str, params: Params, entry: Registered) -> Rival:
    if isinstance(store, str):
        return Rival(entry.name, None, store)
    from bioner.tracking.champions import read_champion

    try:
        champion = read_champion(store, Path.cwd(), params, entry)
    except RegistryError as error:
        return Rival(entry.name, None, error.what.partition(": ")[0])  # without what MLflow says, with paths and all
    return Rival(f"{entry.name}, version {champion.version}", champion.predictions)


def _record(context: Context, analyses: Mapping[str, Analysis]) -> None:
    """Keep page, plots and single figures with a run of their own."""
    from bioner.tracking.runs import stage_run

    with stage_run(context, inputs=[layout.predictions(model) for model in analyses]) as tracked:
        for model, analysis in analyses.items():
            tracked.metrics({f"{model}/{name}": value for name, value in analysis.figures().items()})
        tracked.artifact(layout.REPORT)
        tracked.artifact(layout.PLOTS, "plots")


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
