"""What the tests of the tagger share: a tiny base model, and a tagger on it that has learnt nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_lm import make_tiny_lm

from bioner.tagger.backbone import load_backbone
from bioner.tagger.model import TaggerModel, open_base
from bioner.tagger.network import Lora
from bioner.tagger.pieces import Pieces
from bioner.tagger.prompts import Prompts

LORA = Lora(rank=4, alpha=8, dropout=0.0, layers=2)


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny causal LM."""
    folder = tmp_path_factory.mktemp("base")
    make_tiny_lm(folder)
    return folder


@pytest.fixture
def tiny(tiny_base: Path) -> TaggerModel:
    """A tagger on the tiny base; its adapter is random, so that it decides at random."""
    import torch

    torch.manual_seed(1)
    model = open_base(f"path:{tiny_base}", LORA)
    for parameter in model.network.trainable():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.fixture(scope="session")
def session_pieces(tiny_base: Path) -> Pieces:
    """The tokens of words and symbols of the tiny base."""
    return Prompts.of(load_backbone(f"path:{tiny_base}").tokenizer).pieces


@pytest.fixture(scope="session")
def untrained(tiny_base: Path) -> TaggerModel:
    """A tagger on the tiny base whose adapter changes nothing yet."""
    return open_base(f"path:{tiny_base}", LORA)
