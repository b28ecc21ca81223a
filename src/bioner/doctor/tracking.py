"""The check of MLflow: does its server answer and let us in, is it of our version, do registry and artifacts work."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.doctor.finding import Finding, State, failure, good, warning
from bioner.doctor.pages import ask, clock, guarded
from bioner.project import store_folder, tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SECONDS = 10
_INNER = "/api/2.0/mlflow/experiments/search?max_results=1"
_LOGIN = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD to those of a user of the server"


def tracking(project: Path) -> Iterator[Finding]:
    """MLflow, as `MLFLOW_TRACKING_URI` names it."""
    uri = tracking_uri(project)
    if store_folder(uri) and not Path(uri.partition(":///")[2]).is_file():
        yield good("MLflow will keep its runs in this project: nothing is there yet")
        return
    if uri.startswith("http"):
        reached = list(_server(uri))
        yield from reached
        if any(finding.state is State.FAILURE for finding in reached):
            return
    yield from _contents(uri)


def _server(uri: str) -> Iterator[Finding]:
    answer = ask(f"{uri.rstrip('/')}/health")
    if answer.status != HTTPStatus.OK:
        said = answer.problem or f"it says {answer.status}"
        yield failure(f"MLflow does not answer at {uri}: {said}", "start it, or correct MLFLOW_TRACKING_URI")
        return
    yield from clock("MLflow", answer)
    yield from guarded("MLflow", uri, _INNER, "start its server with --app-name basic-auth")
    yield _its_version(uri)


def _its_version(uri: str) -> Finding:
    """Its version, asked with our name and password."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    reply = http_request(get_default_host_creds(uri), "/version", "GET", timeout=_SECONDS, max_retries=0)
    if reply.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return failure(f"MLflow at {uri} does not let us in ({reply.status_code})", _LOGIN)
    theirs, ours = reply.text.strip(), version("mlflow")
    if reply.status_code != HTTPStatus.OK:
        return failure(f"MLflow at {uri} answers {reply.status_code}", "look at the log of the server")
    if theirs.split(".")[:2] != ours.split(".")[:2]:
        return warning(f"MLflow at {uri} is {theirs[:20]}, here it is {ours}", "install the same version on both")
    return good(f"MLflow {theirs} answers at {uri}")


def _contents(uri: str) -> Iterator[Finding]:
    """Whether experiments, registry and artifacts can be read."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        client = MlflowClient(uri, uri)
        experiments = client.search_experiments(max_results=1)
        models = client.search_registered_models(max_results=1)
    except (MlflowException, SQLAlchemyError) as error:
        said = str(error).splitlines()[0]
        yield failure(f"the registry of MLflow cannot be read: {said}", "look at the log of the server")
        return
    yield good(f"the registry of MLflow answers{'' if models else '; no model is registered'}")
    if experiments:
        yield _artifacts(client, experiments[0].artifact_location)


def _artifacts(client: MlflowClient, place: str) -> Finding:
    """Whether the place of artifacts can be listed: through the server, which has the keys, or from here."""
    from mlflow.artifacts import list_artifacts

    try:
        list_artifacts(artifact_uri=place, tracking_uri=client.tracking_uri)
    except Exception as error:  # noqa: BLE001 (each kind of store has errors of its own)
        mend = "check the keys and the address of the S3 store: of the server, if the place is mlflow-artifacts:"
        said = (str(error) or type(error).__name__).splitlines()[0]
        return failure(f"artifacts in {place} cannot be read: {said}", mend)
    return good(f"artifacts in {place} can be read")
