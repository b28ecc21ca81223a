"""The project after one whole run, shared by the tests of this folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from scratch import Finished, bioner, copy_project, namespace, share_base

from bioner.config import load_params
from bioner.tagger.backbone import load_backbone


@pytest.fixture(scope="session")
def base_workspace(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A workspace that keeps the weights of the base model of `params.yaml`, as reading them takes long."""
    folder = tmp_path_factory.mktemp("base")
    (folder / ".bioner").mkdir()
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    home = tmp_path_factory.mktemp("prefect")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=os.environ | {"PREFECT_HOME": str(home)}, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}/api"
        finally:
            server.terminate()


@pytest.fixture
def own_server(prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of a test use the server."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    for _ in range(240):
        assert server.poll() is None, "the server ended by itself"
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/api/health")
            if connection.getresponse().status == 200:
                return
        except (HTTPException, OSError):
            time.sleep(0.5)
        finally:
            connection.close()
    raise AssertionError("the server does not answer")
