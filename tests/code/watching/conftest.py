"""What the tests of the figures share: a project that is empty so far, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scraped import Read


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Read]:
    """Makes what reads the figures of a project that is empty so far."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / ".bioner").mkdir()
    return lambda: Read(tmp_path)
