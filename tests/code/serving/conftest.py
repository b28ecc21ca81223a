"""A tiny model, and the service around it: one process for all tests that leave it as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_gliner import Running, make_tiny_gliner, served


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny GLiNER that finds something in every text."""
    return make_tiny_gliner(tmp_path_factory.mktemp("gliner"))


@pytest.fixture(scope="module")
def service(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service on loopback with the limits that it has by itself; its structured log is `events.jsonl`."""
    folder = tmp_path_factory.mktemp("service")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIONER_LOG", str(folder / "events.jsonl"))
        with served(f"path:{tiny_model}", folder / "log") as running:
            running.wait()
            yield running
