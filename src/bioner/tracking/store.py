"""The MLflow store of a project: connecting to it, and making it the first time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.errors import RegistryError
from bioner.files import one_at_a_time
from bioner.importing import first_import
from bioner.project import STATE, project_root, store_folder, tracking_uri
from bioner.redaction import without_secrets
from bioner.telemetry import silence

if TYPE_CHECKING:
    from mlflow import MlflowClient

_EXPERIMENT = "bioner"
_MEND = "check MLFLOW_TRACKING_URI, or unset it to use the store in the project's .bioner folder"


@dataclass(frozen=True, slots=True)
class Store:
    """A connection to the tracking store and the registry.

    Attributes:
        client: the only way to the store: there is no active run, every call names its run.
        uri: the tracking URI, also of the registry.
        experiment: the id of the workspace's experiment.
        workspace: the name of the workspace: `main`, or the profile's.
    """

    client: MlflowClient
    uri: str
    experiment: str
    workspace: str


def workspace_name(workspace: Path) -> str:
    """`main` for the project's own folder, else the name of the folder (a profile's)."""
    here = workspace.resolve()
    return "main" if here == project_root(here) else here.name


def connect(workspace: Path) -> Store:
    """Connect to the store of the project that `workspace` lies in; it is made where it does not exist yet.

    Raises:
        RegistryError: the store cannot be reached or made.
    """
    silence()
    uri, name = tracking_uri(workspace), workspace_name(workspace)
    place = store_folder(uri)  # another checkout may write to it: its lock and artifacts lie beside it
    with first_import("mlflow"):  # before the lock: this takes seconds
        from mlflow import MlflowClient

        if place:  # the client would import it
            import mlflow.store.tracking.sqlalchemy_store  # noqa: F401

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    state = place or project_root(workspace) / STATE
    # two processes that make the same SQLite store at once fail on its tables
    with one_at_a_time(state / "mlflow.lock"), registry_errors(f"the tracking store {uri} cannot be used"):
        client = MlflowClient(uri, uri)
        experiment = _EXPERIMENT if name == "main" else f"{_EXPERIMENT}-{name}"
        artifacts = (place / "mlartifacts").as_uri() if place else None
        return Store(client, uri, _experiment(client, experiment, artifacts), name)


def _experiment(client: MlflowClient, name: str, artifacts: str | None) -> str:
    known = client.get_experiment_by_name(name)
    if known is None:
        return str(client.create_experiment(name, artifact_location=artifacts and f"{artifacts}/{name}"))
    if known.lifecycle_stage == "deleted":
        client.restore_experiment(known.experiment_id)
    return str(known.experiment_id)


@contextmanager
def registry_errors(what: str) -> Iterator[None]:
    """Turn MLflow's errors into one of ours that says `what` failed."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError) as error:
        raise RegistryError(without_secrets(f"{what}: {str(error).splitlines()[0]}"), mend=_MEND) from error
