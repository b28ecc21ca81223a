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
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what takes long to make: one worker makes it, the others wait for it or find it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = tmp_path_factory.getbasetemp().parent / f"shared-{run}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def base_workspace(shared: Path, repository: Path) -> Path:
    """A workspace that keeps the weights of the base model of `params.yaml`."""
    folder = shared / "base"
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            (folder / ".bioner").mkdir(parents=True)
            with chdir(folder):
                load_backbone(load_params(repository / "params.yaml").tagger.base)
    return folder


@pytest.fixture(scope="session")
def finished(shared: Path, base_workspace: Path) -> Finished:
    """The project after one whole run, without a network where the system allows that."""
    root, output = shared / "finished", shared / "finished.txt"
    prefix = namespace()
    with FileLock(f"{root}.lock"):
        if not root.is_dir():
            copy_project(root)
            share_base(base_workspace, root)
            done = bioner(root, "run", prefix=prefix)
            assert done.returncode == 0, done.stdout + done.stderr
            output.write_text(done.stdout, encoding="utf-8")
    return Finished(root, output.read_text(encoding="utf-8"), bool(prefix))


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
