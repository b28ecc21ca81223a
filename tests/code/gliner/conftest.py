"""A tiny GLiNER with a real tokenizer, so that the real code runs in milliseconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioner.config import Variant
from bioner.gliner.backbone import open_base
from bioner.gliner.encoding import Encoding
from bioner.gliner.model import Gliner
from bioner.seeds import seed_torch


@pytest.fixture
def variant(tiny_encoder: Path) -> Variant:
    """Settings of a small variant on the tiny encoder."""
    return Variant(encoder=f"path:{tiny_encoder}", max_width=6, max_words=30, max_types=5, dropout=0.1)


@pytest.fixture
def tiny(variant: Variant) -> Gliner:
    """A new, untrained GLiNER."""
    seed_torch(7, 1)
    return open_base(variant)


@pytest.fixture
def encoding(tiny: Gliner) -> Encoding:
    """Its tokenizer."""
    return tiny.encoding


@pytest.fixture(scope="session")
def encoding_once(tiny_encoder: Path) -> Encoding:
    """A tokenizer for tests that do not change it."""
    settings = Variant(encoder=f"path:{tiny_encoder}", max_width=6, max_words=30, max_types=5, dropout=0.1)
    return open_base(settings).encoding
