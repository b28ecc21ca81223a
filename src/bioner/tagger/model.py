"""A tagger in memory: a base model with the adapters of the tagger and, if it has one, of the selector."""

from __future__ import annotations

from dataclasses import dataclass

from bioner.tagger.backbone import load_backbone
from bioner.tagger.fitness import check_packing
from bioner.tagger.network import Lora, Network
from bioner.tagger.prompts import Prompts
from bioner.tagger.quantisation import Quantise

TAGGER = "tagger"
SELECTOR = "selector"


@dataclass(frozen=True, slots=True)
class TaggerModel:
    """The network, the wording in its tokens, and how its lines are decoded.

    Attributes:
        opening_bias: see `bioner.tagger.stepping.Stepper`.
    """

    network: Network
    prompts: Prompts
    opening_bias: float = 0.0


def open_base(
    reference: str, lora: Lora, *, definitions: bool = False, quantise: Quantise | None = None
) -> TaggerModel:
    """A base model with a tagger's adapter that has learnt nothing. It is drawn at random: seed torch before.

    Args:
        definitions: whether types are asked for with their definitions.
        quantise: how the weights of the base are quantised.

    Raises:
        ModelError: the base cannot be loaded, or is not fit for tagging.
    """
    backbone = load_backbone(reference, quantise)
    prompts = Prompts.of(backbone.tokenizer, definitions=definitions)
    network = Network(backbone.model)
    check_packing(network)
    network.add(TAGGER, lora)
    return TaggerModel(network, prompts)


def add_selector(model: TaggerModel, lora: Lora) -> None:
    """Add a selector that begins as a copy of the tagger: it knows the types and their boundaries already."""
    model.network.add(SELECTOR, lora)
    model.network.copy(TAGGER, SELECTOR)
