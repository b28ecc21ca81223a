"""Tiny models that find something in every text, and the playground over them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_gliner import make_tiny_gliner

from bioner.entity_types import EntityTypes, TypeName
from bioner.gliner.overlap import Overlap


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders of two models whose mentions may nest, and which differ; their types have names in two languages."""
    names = {"disease": "疾病", "drug": "药物"}
    types = EntityTypes({en: {"en": TypeName(name=en), "zh": TypeName(name=zh)} for en, zh in names.items()})
    folders = [tmp_path_factory.mktemp(f"gliner-{seed}") for seed in (7, 8)]
    return [
        make_tiny_gliner(folder, overlap=Overlap.NESTED, seed=seed, types=types)
        for seed, folder in zip((7, 8), folders, strict=True)
    ]
