"""Flow runs by state, asked of a real Prefect server; one that is away is an error within seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from scraped import Read

_SERVER_AND_RUNS = """
import json, os, sys
from prefect.server.api.server import SubprocessASGIServer
server = SubprocessASGIServer()
server.start(timeout=120)
try:
    from prefect import flow, settings
    with settings.temporary_settings({settings.PREFECT_API_URL: server.api_url}):
        @flow
        def works(): pass
        @flow
        def fails(): raise ValueError("no")
        works()
        fails(return_state=True)
        fails(return_state=True)
    os.environ["PREFECT_API_URL"] = server.api_url
    from bioner.watching.families import Sheet
    from bioner.watching.flow_runs import read
    sheet = Sheet()
    read(sheet)
    print(json.dumps({s.labels["state"]: s.value for f in sheet for s in f.samples}), flush=True)
finally:
    server.stop()
os._exit(0)  # Prefect's threads would go on telling the server, minutes after it has ended
"""


@pytest.mark.slow
def test_the_server_is_asked_for_the_runs_of_each_state(tmp_path: Path) -> None:
    environment = os.environ | {"PREFECT_HOME": str(tmp_path), "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
    environment.pop("PREFECT_API_URL", None)
    done = subprocess.run([sys.executable, "-c", _SERVER_AND_RUNS], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout.splitlines()[-1])
    assert (counts.pop("Completed"), counts.pop("Failed")) == (1, 2)
    assert counts.keys() >= {"Late", "Running", "Scheduled", "AwaitingConcurrencySlot"}
    assert set(counts.values()) == {0}


def test_a_server_that_is_away_is_an_error_and_no_secret_is_told(
    reader: Callable[[], Read], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = reader()
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "team:pass-word")
    read.again()
    assert read("bioner_watching_errors_total", source="flow runs") == 1
    assert "Prefect cannot be read" in caplog.text
    assert "pass-word" not in caplog.text
