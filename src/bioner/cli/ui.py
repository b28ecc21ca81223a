"""`bioner ui`: the MLflow and Prefect pages of this project, on loopback."""

from __future__ import annotations

import subprocess
import sys
import time
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

_HOST = "127.0.0.1"
_EVERY = 0.5
_QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # no job of ours runs in a page: it would only add processes


def ui(
    mlflow_port: Annotated[int, typer.Option(help="Port of the MLflow page.")] = 5000,
    prefect_port: Annotated[int, typer.Option(help="Port of the Prefect page.")] = 4200,
    as_json: AsJson = False,
) -> None:
    """Start both pages and wait until interrupted; they answer on this machine only."""
    project = find_project(Path.cwd())
    settle(project)
    mlflow = ["mlflow", "server", "--backend-store-uri", tracking_uri(project), "--serve-artifacts"]
    servers = (
        [sys.executable, "-m", *mlflow, "--host", _HOST, "--port", str(mlflow_port)],
        [sys.executable, "-m", "prefect", "server", "start", "--host", _HOST, "--port", str(prefect_port)],
    )
    pages = {"mlflow": f"http://{_HOST}:{mlflow_port}", "prefect": f"http://{_HOST}:{prefect_port}"}
    running = [subprocess.Popen(server, env=environment() | _QUIET) for server in servers]
    if as_json:
        print_json(pages)
    else:
        for name, page in pages.items():
            console().print(f"{name}: {page}", highlight=False)
    try:
        _watch(running)
    finally:
        end_descendants()  # MLflow's server leaves its own children running


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
