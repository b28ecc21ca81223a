"""The project after one whole run, shared by the tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from filelock import FileLock
from scratch import Finished, bioner, copy_project, free_port, namespace, share_base, wait_for_page

from bioner.config import load_params
from bioner.tagger.backbone import load_backbone


@pytest.fixture(scope="session")
def base_workspace(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A workspace with the weights of the base model of `params.yaml`; reading them takes long, so one worker does."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = tmp_path_factory.getbasetemp().parent / f"base-{run}"
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            (folder / ".bioner").mkdir(parents=True)
            with chdir(folder):
                load_backbone(load_params(repository / "params.yaml").tagger.base)
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, base_workspace: Path) -> Finished:
    """The project after one whole run, without a network where the system allows that."""
    root = copy_project(tmp_path_factory.mktemp("finished"))
    share_base(base_workspace, root)
    prefix = namespace()
    done = bioner(root, "run", prefix=prefix)
    assert done.returncode == 0, done.stdout + done.stderr
    return Finished(root, done.stdout, bool(prefix))


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server of our own, as a team has one; runs that use it start in seconds."""
    port = free_port()
    home = tmp_path_factory.mktemp("prefect")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=os.environ | {"PREFECT_HOME": str(home)}, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for_page(port, "/api/health", server)
            yield f"http://127.0.0.1:{port}/api"
        finally:
            server.terminate()


@pytest.fixture
def own_server(prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of a test use the server."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
