"""A drift check as an MLflow run: its figures over time, and its page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bioner.drift.check import Check
from bioner.drift.page import render_page
from bioner.files import atomic_write, write_json
from bioner.tracking.provenance import process_tags
from bioner.tracking.store import connect, registry_errors

ALARM = "bioner.drift.alarm"  # tag: `true` or `false`


def record(check: Check, workspace: Path) -> str:
    """Write a check to the tracking store of the workspace, and return the id of its run.

    Raises:
        RegistryError: the store cannot be reached.
    """
    from mlflow.entities import Metric, Param

    store = connect(workspace)
    tags = {"bioner.stage": "drift", "bioner.workspace": store.workspace, ALARM: str(bool(check.alarms)).lower()}
    with registry_errors("the drift check cannot be recorded"), tempfile.TemporaryDirectory() as place:
        made = store.client.create_run(store.experiment, tags=tags | process_tags(), run_name="drift")
        run, at = str(made.info.run_id), made.info.start_time
        figures = {"documents": float(check.documents), "alarms": float(len(check.alarms))}
        for measure in check.measures:
            figures |= {f"{measure.name}.effect": measure.effect, f"{measure.name}.p": measure.corrected}
        params = {"new": check.new, "reference": check.reference, "model": check.model}
        store.client.log_batch(
            run,
            metrics=[Metric(name, value, at, 0) for name, value in figures.items()],
            params=[Param(name, value) for name, value in params.items()],
        )
        write_json(Path(place) / "drift.json", check.to_record())
        with atomic_write(Path(place) / "drift.html") as out:
            out.write(render_page(check))
        store.client.log_artifacts(run, place, "drift")
        store.client.set_terminated(run)
    return run
