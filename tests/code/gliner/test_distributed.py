"""Two processes that share every batch and average their gradients train as one process does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_training
import torch

pytestmark = pytest.mark.slow


def test_two_processes_train_as_one(tiny_encoder: Path, repository: Path, tmp_path: Path) -> None:
    encoder = f"path:{tiny_encoder}"
    layout = repository / "launch" / "ddp-cpu.yaml"
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", layout, tiny_training.__file__]
    done = subprocess.run(
        [*command, encoder, tmp_path], capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(f"tiny {tiny_training.STEPS}/{tiny_training.STEPS}") == 1  # the first one tells
    tiny_training.run(encoder, str(tmp_path / "alone.checkpoint"), str(tmp_path / "alone.pt"), dropout=False)
    first, second, alone = (torch.load(tmp_path / f"{name}.pt") for name in ("0", "1", "alone"))
    assert all(torch.equal(value, second["weights"][name]) for name, value in first["weights"].items())
    assert first["losses"] == second["losses"] == pytest.approx(alone["losses"], rel=1e-3)
    assert alone["losses"][-1] < alone["losses"][0] / 2
