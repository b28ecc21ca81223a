"""Flow runs of killed processes do not stay RUNNING in Prefect."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bioner.errors import StageError

pytestmark = pytest.mark.slow

_KILLED = """
import os, sys, time
from pathlib import Path
from bioner.pipeline.prefect_settings import settle
settle(Path(sys.argv[1]))
from bioner.processes import OWNER, mark
os.environ[OWNER] = mark()
from prefect import flow, tags
from flows.sweep import owner_tag
@flow
def work():
    print("at work", flush=True)
    time.sleep(600)
with tags(owner_tag()):
    work()
"""

_SWEEP = """
import sys
from pathlib import Path
from bioner.pipeline.prefect_settings import settle
settle(Path(sys.argv[1]))
from bioner.processes import end_orphans
end_orphans()
from prefect import flow, tags
from prefect.client.orchestration import get_client
from flows.sweep import owner_tag, sweep_flows
@flow
def work():
    return sweep_flows()
with tags(owner_tag()):
    print(work(), sweep_flows())
with get_client(sync_client=True) as client:
    print(*sorted(run.state.type.value for run in client.read_flow_runs()))
"""


def test_only_the_runs_of_dead_processes_are_swept(flow_environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", _KILLED, tmp_path]
    run = subprocess.Popen(command, env=flow_environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "at work\n"
    run.kill()
    run.wait()
    command = [sys.executable, "-c", _SWEEP, tmp_path]
    done = subprocess.run(command, env=flow_environment, capture_output=True, text=True, timeout=600)
    assert done.stdout.splitlines() == ["1 0", "COMPLETED CRASHED"], done.stderr


def test_a_server_that_is_down_is_one_message(flow_environment: dict[str, str], tiny_project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        command = ["bioner", "run"]
        environment = flow_environment | {"PREFECT_API_URL": url}
        done = subprocess.run(command, cwd=tiny_project, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == StageError.exit_code
    assert "server does not answer" in done.stderr
    assert url in done.stderr
    assert "Traceback" not in done.stderr
