"""What a killed process left is closed: runs that are RUNNING, and changes of aliases that have not ended."""

from __future__ import annotations

import socket
from pathlib import Path

from bioner.processes import alive
from bioner.tracking.ledger_changes import settle
from bioner.tracking.store import connect, registry_errors


def sweep(start: Path | None = None) -> list[str]:
    """Set runs whose process on this host is gone to KILLED, with a tag that says why, and return their ids.

    Changes of aliases that were begun are finished, or marked void.

    Args:
        start: a folder in the project; the current one by default.

    Raises:
        RegistryError: the tracking store cannot be reached.
    """
    store = connect(start or Path.cwd())
    host = socket.gethostname()
    with registry_errors("unfinished runs cannot be looked for"):
        settle(store)
        experiments = [experiment.experiment_id for experiment in store.client.search_experiments()]
        running = store.client.search_runs(
            experiments, f"attributes.status = 'RUNNING' and tags.`bioner.host` = '{host}'"
        )
        gone = [run for run in running if not alive(run.data.tags["bioner.process"])]
        for run in gone:
            reason = f"the process {run.data.tags['bioner.process']} on {host} ended without closing its run"
            store.client.set_tag(run.info.run_id, "bioner.swept", reason)
            store.client.set_terminated(run.info.run_id, "KILLED")
    return [run.info.run_id for run in gone]
