"""Where the ledger is kept: the params of one MLflow run, which the tracking store writes once and never again.

A param of a run cannot be given another value: of two processes that write entry 7 at once, the store takes one and
refuses the other. So the ledger is append-only by the store's own rule, and shared by all who share the store.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from bioner.errors import RegistryError
from bioner.tracking.ledger import Author, Change, Entry, Kind, faults
from bioner.tracking.store import Store

_EXPERIMENT = "bioner-ledger"  # of several that are made at once one remains, and it names the run
_RUN = "bioner.ledger.run"
_TAKEN = {"RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"}  # what the store says to the second one
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds before the next try


def patiently(write: Callable[[], Any]) -> None:
    """Write to the store, again where it is locked: SQLite refuses one of two that write at once without waiting.

    Args:
        write: what may be done twice without harm.
    """
    from mlflow.exceptions import MlflowException

    for pause in _PAUSES:
        try:
            write()
        except MlflowException as error:
            if error.error_code != "TEMPORARILY_UNAVAILABLE":
                raise
            time.sleep(pause)
        else:
            return
    write()


class Ledger:
    """The ledger of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: str | None = None

    def texts(self) -> dict[int, str]:
        """Number -> entry as it was written; empty where no ledger was begun."""
        run = self._run()
        if run is None:
            return {}
        params = self._store.client.get_run(run).data.params
        return {int(name): text for name, text in sorted(params.items()) if name.isdecimal()}

    def entries(self) -> list[Entry]:
        """All entries.

        Raises:
            RegistryError: the chain is broken.
        """
        texts = self.texts()
        found = faults(texts)
        if found:
            mend = "restore the tracking store from a backup; `bioner ledger verify` lists what is wrong"
            raise RegistryError(f"the ledger is damaged: {found[0]}", where=self.place, mend=mend)
        return [Entry.parse(text) for text in texts.values()]

    @property
    def place(self) -> str:
        """Where the ledger is."""
        return f"the params of run {self._run()}"

    def append(
        self, entries: list[Entry], kind: Kind, by: Author, change: Change, of: int | None = None
    ) -> Entry | None:
        """Write the entry that follows `entries`; `None` if another process wrote its own there first."""
        from mlflow.exceptions import MlflowException

        run = self._run() or self._begin()
        entry = Entry.make(entries, kind, by, change, of)
        try:
            text = json.dumps(entry.to_record(), ensure_ascii=False)
            patiently(lambda: self._store.client.log_param(run, f"{entry.number:08}", text))
        except MlflowException as error:
            if error.error_code in _TAKEN and entry.number in self.texts():
                return None
            raise
        return entry

    def _run(self) -> str | None:
        """The run; once there is one, it stays the same."""
        if self._known is None:
            found = self._store.client.get_experiment_by_name(_EXPERIMENT)
            self._known = found.tags[_RUN] if found else None
        return self._known

    def _begin(self) -> str:
        """Make the run, then the experiment that names it: its name can be taken once only."""
        from mlflow.exceptions import MlflowException

        client = self._store.client
        tags = {"bioner.stage": "ledger", "mlflow.note.content": "The ledger of alias changes: do not delete."}
        run: str = client.create_run(self._store.experiment, tags=tags, run_name="ledger").info.run_id
        client.set_terminated(run)
        place = client.get_experiment(self._store.experiment).artifact_location
        try:
            client.create_experiment(_EXPERIMENT, artifact_location=f"{place}/ledger", tags={_RUN: run})
        except MlflowException as error:
            if error.error_code not in _TAKEN:
                raise
            client.delete_run(run)
        return str(self._run())
