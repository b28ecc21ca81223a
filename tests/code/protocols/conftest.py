"""What protocols on a tiny encoder draw from."""

from __future__ import annotations

from pathlib import Path

import pytest
from protocol_material import TYPES, documents

from bioner.config import Variant
from bioner.entity_types import EntityTypes
from bioner.protocols.material import Material


@pytest.fixture
def variant(tiny_encoder: Path) -> Variant:
    """Settings of a small variant on the tiny encoder."""
    return Variant(encoder=f"path:{tiny_encoder}", max_width=4, max_words=30, max_types=5, dropout=0.1)


@pytest.fixture
def material() -> Material:
    """Documents to learn from and to judge on; the start `pretrain` has seen two of the three types."""
    return Material(
        types=TYPES,
        train=documents("train"),
        dev=documents("dev", 4),
        test=documents("test", 5),
        synthetic=documents("synthetic"),
        folders={"encoder": None, "pretrain": Path("models/pretrain"), "finetune": Path("models/finetune")},
        seen={"encoder": EntityTypes({}), "pretrain": TYPES.only(["disease", "gene"]), "finetune": TYPES},
        seed=13,
    )
