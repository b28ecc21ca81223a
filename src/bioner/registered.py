"""References into the model registry: `name@alias`, `name/version` or `name/latest`, resolved to a version."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.errors import ModelError
from bioner.importing import first_import
from bioner.project import tracking_uri
from bioner.telemetry import silence

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_FORM = re.compile(r"(?:models:/)?(?P<name>[^/@:]+)(?:@(?P<alias>[^/@:]+)|/(?P<version>\d+|latest))")
_MODELS = "artifacts"  # the folder of a logged pyfunc model that has what it was made from


def registry_client(start: Path) -> MlflowClient:
    """A client of the registry of the project that `start` lies in; unlike `tracking.store.connect` it makes none.

    Raises:
        ModelError: there is no project, or it registered nothing yet.
    """
    silence()
    uri = tracking_uri(start)
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).is_file():
        mend = "run in the project's folder after `bioner run`, or set MLFLOW_TRACKING_URI"
        raise ModelError("there is no model registry here", where=uri, mend=mend)
    return open_client(uri)


def open_client(uri: str) -> MlflowClient:
    """A client of a tracking store and the registry in it."""
    with first_import("mlflow"):
        from mlflow import MlflowClient

        return MlflowClient(uri, uri)  # which imports as much again for SQL


def resolve(client: MlflowClient, reference: str) -> ModelVersion:
    """The version that `models:/name@alias`, `name@alias`, `name/3` or `name/latest` means.

    Raises:
        ModelError: the form is unknown, or the registry has no such version.
    """
    from mlflow.exceptions import MlflowException

    form = _FORM.fullmatch(reference)
    if form is None:
        mend = "write bioner-gliner@champion or bioner-gliner/3"
        raise ModelError(f"{reference!r} names no version of a registered model", mend=mend)
    name, alias, version = form["name"], form["alias"], form["version"]
    try:
        if alias:
            return client.get_model_version_by_alias(name, alias)
        if version == "latest":
            found = client.search_model_versions(f"name = '{name}'")
            version = str(max((int(item.version) for item in found), default=0))
        return client.get_model_version(name, version)
    except MlflowException as error:
        mend = "list what is there with `bioner status`, or check MLFLOW_TRACKING_URI"
        raise ModelError(f"the registry has no {reference!r}: {error.message}", mend=mend) from error


def fetch(client: MlflowClient, version: ModelVersion) -> Path:
    """The local folder of a version's model, with `bioner.json`: in place where artifacts are local, else downloaded.

    Raises:
        ModelError: the files are gone, or hold no model of this project.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    where = f"{version.name}/{version.version}"
    try:
        # not the code beside it, some 500 files: each is a request of its own to a server
        source = f"{version.source}/{_MODELS}"
        logged = Path(download_artifacts(artifact_uri=source, tracking_uri=client.tracking_uri))
    except (MlflowException, OSError) as error:
        mend = "register it again with `bioner run`, or restore the artifacts"
        raise ModelError(f"the files of this version cannot be read: {error}", where=where, mend=mend) from error
    manifest = next(logged.glob("*/bioner.json"), None)
    if manifest is None:
        mend = "take a version that `bioner run` registered"
        raise ModelError("this version holds no model of this project", where=where, mend=mend)
    return manifest.parent
