"""Whatever is sent to `bioner metrics`: no 5xx, no hang, nothing for strangers, and the same figures after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzzed_http import bodies, bombard
from hypothesis import strategies as st
from tiny_gliner import Running, running

pytestmark = pytest.mark.slow

_TOKEN = "the-token"
_BODIES = bodies(st.just({}), ["x"])


@pytest.fixture
def page(tiny_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The figures of a small project, for who knows the token."""
    monkeypatch.chdir(tiny_project)
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    with running(tmp_path / "log", "metrics", environment=environment | {"BIONER_SERVE_TOKEN": _TOKEN}) as started:
        yield started


@pytest.mark.parametrize("path", ["/metrics", "/health"])
def test_no_request_breaks_an_endpoint(page: Running, path: str) -> None:
    bombard(page, "GET", path, _BODIES, f"Authorization: Bearer {_TOKEN}", open_to_all=path == "/health")
    answer = page.ask("/metrics", headers={"Authorization": f"Bearer {_TOKEN}"})
    assert answer.status == 200
    assert b'bioner_watching_errors_total{source="stages"} 0.0' in answer.raw
