"""The causal LM with low-rank adapters, one of them in use at a time, and what is asked of it: states and choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from bioner.errors import ModelError
from bioner.tagger.packed import Pass


@dataclass(frozen=True, slots=True)
class Lora:
    """Size of an adapter: rank and scale of its updates, dropout before them, and how many layers from the top."""

    rank: int
    alpha: int
    dropout: float
    layers: int | Literal["all"]

    def to_record(self) -> dict[str, Any]:
        """The settings as a JSON object; `Lora(**record)` is its inverse."""
        return asdict(self)


class Network:
    """A base model that is in memory once, however many adapters it has.

    Attributes:
        model: the base model with its adapters, for the training loop.

    Raises:
        ModelError: the base has no linear layers that an adapter could be added to.
    """

    def __init__(self, base: Any) -> None:
        self.model: nn.Module = base
        self._base = base
        self._decoder = base.get_decoder()
        self._head: Tensor = base.get_output_embeddings().weight
        names = {id(module): name for name, module in self._base.named_modules()}
        self._linear = [
            [names[id(module)] for module in layer.modules() if isinstance(module, nn.Linear)]  # quantised ones too
            for layer in getattr(self._decoder, "layers", ())
        ]
        if not any(self._linear):
            what = f"the base model ({type(base).__name__}) has no linear layers that an adapter could be added to"
            raise ModelError(what, mend="choose a model of the LLaMA, Qwen, Mistral or GLM kind")
        self._adapters: list[str] = []

    @property
    def device(self) -> torch.device:
        """Where the inputs have to be."""
        return self._head.device

    def add(self, name: str, lora: Lora) -> None:
        """Add an adapter that changes nothing yet, and use it. Its weights are drawn at random: seed torch before."""
        from peft import LoraConfig, get_peft_model

        layers = self._linear if lora.layers == "all" else self._linear[-lora.layers :]
        config = LoraConfig(
            r=lora.rank,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            target_modules=[name for layer in layers for name in layer],
            bias="none",
            task_type="CAUSAL_LM",
        )
        if self._adapters:
            self.model.add_adapter(name, config)  # type: ignore[operator]
        else:
            self.model = get_peft_model(self._base, config, adapter_name=name)
        self._adapters.append(name)
        self.use(name)

    def use(self, name: str) -> None:
        """Put an adapter to use; the others rest."""
        self.model.set_adapter(name)  # type: ignore[operator]

    def trainable(self) -> list[nn.Parameter]:
        """The parameters of the adapter in use."""
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def save(self, name: str, file: Path) -> None:
        """Write an adapter as safetensors."""
        from safetensors.torch import save_file

        save_file({key: value.contiguous().cpu() for key, value in self._state(name).items()}, file)

    def load(self, name: str, file: Path) -> None:
        """Fill an adapter of the same size with what `save` wrote.

        Raises:
            ModelError: the file is missing, or was written for another base or size.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            self.fill(name, load_file(file))
        except (OSError, SafetensorError, ValueError) as error:
            raise ModelError(f"the adapter does not fit: {error}", where=str(file), mend="train it again") from error

    def copy(self, source: str, target: str) -> None:
        """Give one adapter the weights of another of the same size."""
        self.fill(target, self._state(source))

    def fill(self, name: str, weights: Mapping[str, Tensor]) -> None:
        """Give an adapter its weights.

        Raises:
            ValueError: names or shapes differ.
        """
        from peft import set_peft_model_state_dict

        own = self._state(name)
        if {key: value.shape for key, value in own.items()} != {key: value.shape for key, value in weights.items()}:
            raise ValueError("it has other layers, or another rank")
        set_peft_model_state_dict(self.model, dict(weights), adapter_name=name)

    def _state(self, name: str) -> dict[str, Tensor]:
        from peft import get_peft_model_state_dict

        state: dict[str, Tensor] = get_peft_model_state_dict(self.model, adapter_name=name, save_embedding_layers=False)
        return state

    def states(self, packed: Pass) -> Tensor:
        """Last hidden states (n, width) of a pass; the memory it may have then knows its tokens."""
        output = self._decoder(
            input_ids=packed.tokens[None], position_ids=packed.positions[None], use_cache=False, packed=packed
        )
        states: Tensor = output.last_hidden_state[0]
        return states

    def choice_logits(self, states: Tensor, choices: Tensor) -> Tensor:
        """Logits (n, c) of the tokens `choices` (n, c) after each of the states (n, width).

        Only these rows of the output matrix are multiplied: the whole vocabulary costs as much as many layers.
        """
        return torch.einsum("nd,ncd->nc", states, self._head[choices]).float()

    def all_logits(self, states: Tensor) -> Tensor:
        """Logits (n, vocabulary) of all tokens after each of the states (n, width)."""
        return nn.functional.linear(states, self._head).float()
