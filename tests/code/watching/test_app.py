"""The page of the figures: who may ask, and that a process answers on loopback until it is told to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scraped import parsed
from starlette.testclient import TestClient
from tiny_gliner import running

from bioner.watching.app import make_app


def test_the_figures_are_for_who_knows_the_token(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, "the-token")) as client:
        assert client.get("/health").json() == {"status": "live"}
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "the-token"}):
            answer = client.get("/metrics", headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert "bioner" not in answer.text
        answer = client.get("/metrics", headers={"Authorization": "Bearer the-token"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert parsed(answer.text)
        assert client.get("/other").json() == {"error": "not found"}
        assert client.post("/metrics").status_code == 405


@pytest.mark.slow
def test_the_verb_answers_on_loopback_and_refuses_to_be_open(
    tiny_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_project)
    environment = {name: value for name, value in os.environ.items() if name != "BIONER_SERVE_TOKEN"}
    with running(tmp_path / "log", "metrics", environment=environment) as page:
        assert page.host == "127.0.0.1"
        answer = page.ask("/metrics")
        assert answer.status == 200
        assert parsed(answer.raw.decode())
        page.process.send_signal(signal.SIGTERM)
        for _ in range(600):
            if page.process.poll() is not None:
                break
            time.sleep(0.1)
        assert page.process.returncode == 0
    command = [sys.executable, "-c", "from bioner.cli import main; main()", "metrics", "--host", "0.0.0.0"]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert refused.returncode == 2
    assert "on 0.0.0.0 anybody could ask" in refused.stderr
