"""A run whose worker was killed is told to end, and can still say so though its output leads nowhere."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

_RUN = """
import signal, sys, time
from pathlib import Path
from flows.worker import end_with_worker
def ended(*_):
    print("this goes nowhere", flush=True)
    Path(sys.argv[1]).write_text("ended")
    sys.exit()
signal.signal(signal.SIGTERM, ended)
end_with_worker()
print("at work", flush=True)
time.sleep(600)
"""
_WORKER = """
import os, subprocess, sys, time
with subprocess.Popen([sys.executable, "-c", *sys.argv[1:]], stdout=subprocess.PIPE, env=os.environ) as run:
    print(run.stdout.readline().decode(), end="", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("by_worker", [True, False])
def test_a_run_ends_with_its_worker(flow_environment: dict[str, str], tmp_path: Path, by_worker: bool) -> None:
    environment = flow_environment | ({"PREFECT__FLOW_RUN_ID": "1"} if by_worker else {})
    command = [sys.executable, "-c", _WORKER, _RUN, tmp_path / "said"]
    worker = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "at work\n"
    (run,) = psutil.Process(worker.pid).children()
    worker.kill()
    worker.wait()
    if by_worker:
        for _ in range(600):
            if (tmp_path / "said").exists() and (tmp_path / "said").read_text():
                break
            time.sleep(0.1)
        assert (tmp_path / "said").read_text() == "ended"
    else:  # started by hand, it goes on
        time.sleep(1.5)
        assert run.is_running()
        run.kill()
