"""`bioner ui`: the pages of MLflow and Prefect: those of the servers in use, else own ones on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from bioner.cli.options import AsJson, print_json
from bioner.errors import StageError
from bioner.pipeline.prefect_settings import settle
from bioner.pipeline.submit import environment
from bioner.pipeline.workspace import find_project
from bioner.processes import end_descendants
from bioner.progress import console
from bioner.project import tracking_uri
from bioner.redaction import without_secrets

_HOST = "127.0.0.1"
_EVERY = 0.5
_STORE = "MLFLOW_BACKEND_STORE_URI"  # it may hold a password, which everybody could read in a list of processes
_QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # no job of ours runs in a page: it would only add processes
_SERVER = "PREFECT_API_URL"


def ui(
    mlflow_port: Annotated[int, typer.Option(help="Port of the MLflow page.")] = 5000,
    prefect_port: Annotated[int, typer.Option(help="Port of the Prefect page.")] = 4200,
    as_json: AsJson = False,
) -> None:
    """Start the pages that no server has, and wait until interrupted; they answer on this machine only."""
    project = find_project(Path.cwd())
    settle(project)
    store, prefect = tracking_uri(project), os.environ.get(_SERVER)
    pages, commands = {}, []
    if store.startswith(("http://", "https://")):
        pages["mlflow"] = without_secrets(store)
    else:
        pages["mlflow"] = f"http://{_HOST}:{mlflow_port}"
        commands.append(["mlflow", "server", "--serve-artifacts", "--host", _HOST, "--port", str(mlflow_port)])
    if prefect:
        pages["prefect"] = without_secrets(prefect.removesuffix("/").removesuffix("/api"))
    else:
        pages["prefect"] = f"http://{_HOST}:{prefect_port}"
        commands.append(["prefect", "server", "start", "--host", _HOST, "--port", str(prefect_port)])
    _tell(pages, as_json)
    variables = environment() | _QUIET | {_STORE: store}
    running = [subprocess.Popen([sys.executable, "-m", *command], env=variables) for command in commands]
    try:
        if running:
            _watch(running)
    finally:
        end_descendants()  # MLflow's server leaves its own children running


def _tell(pages: Mapping[str, str], as_json: bool) -> None:
    if as_json:
        print_json(pages)
        return
    for name, page in pages.items():
        console().print(f"{name}: {page}", highlight=False, soft_wrap=True)


def _watch(running: list[subprocess.Popen[bytes]]) -> None:
    """Wait until interrupted; a page that ends by itself is an error.

    Raises:
        StageError: one of the servers stopped.
    """
    try:
        while all(process.poll() is None for process in running):
            time.sleep(_EVERY)
    except KeyboardInterrupt:
        return
    raise StageError("a page stopped by itself", mend="is its port taken? see --mlflow-port and --prefect-port")
