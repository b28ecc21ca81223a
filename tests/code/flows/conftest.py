"""What the tests of the flows share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bioner.telemetry import silence


@pytest.fixture
def flow_environment(repository: Path) -> dict[str, str]:
    """The environment of a process that runs flows; `settle` gives Prefect a place of its own."""
    silence()
    return os.environ | {"PYTHONPATH": str(repository)}
