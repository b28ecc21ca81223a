"""A base model is loaded by reference, and what cannot serve is refused with a reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bioner.errors import ModelError
from bioner.tagger.backbone import Backbone, load_backbone
from bioner.tagger.fitness import check_packing
from bioner.tagger.model import open_base
from bioner.tagger.network import Lora, Network
from bioner.tagger.packed import Rows
from bioner.tagger.quantisation import quantised


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


def test_all_layers_are_adapted_if_asked_for(tiny_base: Path) -> None:
    model = open_base(f"path:{tiny_base}", Lora(4, 8, 0.0, layers="all"))
    assert len(model.network.trainable()) == 3 * 14


class Quantised(nn.Linear):
    """Stands for a linear layer of a library that quantises: a subclass, as bitsandbytes' is."""


def test_linear_layers_of_another_class_are_adapted_too(tiny_base: Path) -> None:
    base = load_backbone(f"path:{tiny_base}").model
    for module in base.model.layers.modules():
        if type(module) is nn.Linear:
            module.__class__ = Quantised
    network = Network(base)
    network.add("tagger", Lora(4, 8, 0.0, layers=2))
    assert len(network.trainable()) == 2 * 14


def test_a_model_without_linear_layers_is_refused(tiny_base: Path) -> None:
    base = load_backbone(f"path:{tiny_base}").model
    base.model.layers = nn.ModuleList()
    with pytest.raises(ModelError, match="no linear layers"):
        Network(base)


def test_a_base_in_4_bits_needs_a_gpu(tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="CUDA") as caught:
        open_base(f"path:{tiny_base}", Lora(4, 8, 0.0, 1), quantise="nf4")
    assert caught.value.mend


def test_a_base_in_4_bits_needs_bitsandbytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("bioner.tagger.quantisation.find_spec", lambda _name: None)
    with pytest.raises(ModelError, match="bitsandbytes") as caught:
        quantised()
    assert "bioner-foundry[gpu]" in caught.value.mend


def test_the_settings_of_qlora(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("bioner.tagger.quantisation.find_spec", lambda _name: object())
    monkeypatch.setenv("LOCAL_RANK", "1")
    options = quantised()
    assert options["device_map"] == {"": 1}
    config = options["quantization_config"].to_dict()
    assert config["load_in_4bit"]
    assert config["bnb_4bit_quant_type"] == "nf4"
    assert config["bnb_4bit_use_double_quant"]
    assert config["bnb_4bit_compute_dtype"] == "bfloat16"


def test_the_weights_of_a_gguf_file_are_not_quantised(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").touch()
    with pytest.raises(ModelError, match="GGUF"):
        load_backbone(f"path:{tmp_path / 'model.gguf'}", "nf4")


SIZES: dict[str, Any] = {
    "vocab_size": 100,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "pad_token_id": 0,
}


def make(kind: str, **sizes: Any) -> Network:
    """A model of a kind, with random weights."""
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.for_model(kind, **SIZES | sizes, attn_implementation="bioner_packed")
    torch.manual_seed(0)
    return Network(AutoModelForCausalLM.from_config(config).eval().requires_grad_(False))


@pytest.mark.parametrize("kind", ["glm", "glm4", "qwen3", "mistral", "phi3"])
@torch.inference_mode()
def test_models_of_other_kinds_are_packed_and_adapted(kind: str, tiny_base: Path) -> None:
    load_backbone(f"path:{tiny_base}")  # which makes packed attention known
    network = make(kind)
    check_packing(network)
    rows = Rows()
    prefix = rows.add(range(1, 9))
    rows.add(range(30, 40), prefix)
    rows.add(range(50, 55), prefix)
    packed = network.states(rows.build(network.device))[-5:]
    network.model.set_attn_implementation("eager")  # type: ignore[operator]
    plain = network._decoder(input_ids=torch.tensor([[*range(1, 9), *range(50, 55)]])).last_hidden_state[0, -5:]
    torch.testing.assert_close(packed, plain)
    network.add("tagger", Lora(2, 4, 0.0, "all"))
    adapted = {name.split(".")[-4] for name, p in network.model.named_parameters() if p.requires_grad}
    assert {"q_proj", "down_proj"} <= adapted or {"qkv_proj", "down_proj"} <= adapted


def test_a_model_whose_attention_does_more_is_refused(tiny_base: Path) -> None:
    load_backbone(f"path:{tiny_base}")
    with pytest.raises(ModelError, match="caps logits"):
        check_packing(make("gemma2", attn_logit_softcapping=50.0))


def test_a_model_that_mixes_tokens_without_attention_is_refused(tiny_base: Path) -> None:
    backbone: Backbone = load_backbone(f"path:{tiny_base}")
    network = Network(backbone.model)
    check_packing(network)
    backbone.model.model.layers[0].mlp = Recurrent(backbone.model.model.layers[0].mlp)
    with pytest.raises(ModelError, match="several lines at once"):
        check_packing(Network(backbone.model))


class Recurrent(nn.Module):
    """A layer that adds what it has read so far, from whatever row."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """As the layer, and all before."""
        mixed: torch.Tensor = self.inner(states) + states.cumsum(1)
        return mixed
