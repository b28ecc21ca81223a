"""A base model is loaded by reference, and what cannot serve is refused with a reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bioner.errors import ModelError
from bioner.tagger.backbone import load_backbone
from bioner.tagger.model import open_base
from bioner.tagger.network import Lora


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_backbone(f"path:{tmp_path}")


def test_a_model_without_a_chat_template_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_base, tmp_path / "copy")
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="chat template"):
        load_backbone(f"path:{copy}")


def test_only_the_topmost_layers_are_adapted(tiny_base: Path) -> None:
    model = open_base(f"path:{tiny_base}", Lora(4, 8, 0.0, layers=1))
    names = [name for name, p in model.network.model.named_parameters() if p.requires_grad]
    assert len(names) == 14  # two matrices for each of the seven linear layers
    assert all(".layers.2." in name for name in names)
