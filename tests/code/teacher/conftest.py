"""What the tests of the local teacher share: a tiny chat model with room for the prompts of tasks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_lm import make_tiny_lm


@pytest.fixture(scope="session")
def tiny_chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny causal LM."""
    folder = tmp_path_factory.mktemp("chat")
    make_tiny_lm(folder)
    config = folder / "config.json"
    longer = json.loads(config.read_text(encoding="utf-8")) | {"max_position_embeddings": 8192}
    config.write_text(json.dumps(longer), encoding="utf-8")
    return folder
