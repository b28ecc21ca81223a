"""The network of a uni-encoder GLiNER as an ONNX graph: all that is computed once a token, a word or a type.

What is computed once a span stays outside (`span_head.score_spans`): its work depends on which spans exist, and in a
graph the vectors of all of them would be written to memory and read again at every step.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from bioner.errors import ConfigError, ModelError
from bioner.gliner.encoding import POOLINGS
from bioner.gliner.head import SPAN_LEVEL

INPUTS = {
    "input_ids": ("rows", "tokens"),
    "attention_mask": ("rows", "tokens"),
    "word_tokens": ("rows", "words"),
    "type_tokens": ("rows", "types"),
}
OUTPUTS = ("begin", "end", "weights", "biases")
_SIZES = {"rows": 2, "tokens": 11, "words": 5, "types": 3}  # of the example that is traced: all different, none 1
_NEEDED = ("onnx", "onnxruntime", "onnxscript")


def need_onnx() -> None:
    """Check that the packages of the extra are there.

    Raises:
        ConfigError: one is missing.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(f"not installed: {', '.join(missing)}", mend="pip install 'bioner-foundry[onnx]'")


def write_graph(network: Any, path: Path) -> None:
    """Write the graph of a network that is not in training, its weights included.

    Inputs are the tensors `INPUTS` names, with the tokens that stand for words and types as positions in each row.
    Outputs are those of `OUTPUTS`: for each word its part of the hidden layer as first and as last word of a span,
    (rows, words, hidden) each, and for each type the vector and the number that make a logit of a hidden layer,
    (rows, types, hidden) and (rows, types).

    Raises:
        ConfigError: the extra is not installed.
        ModelError: the network is of a kind that cannot be exported.
    """
    need_onnx()
    _check(network)
    example = tuple(torch.ones([_SIZES[axis] for axis in axes], dtype=torch.long) for axes in INPUTS.values())
    with _eager(network), _quiet(), torch.no_grad():
        torch.onnx.export(
            _Graph(network).eval(),
            example,
            path,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=tuple(dict(enumerate(axes)) for axes in INPUTS.values()),
            external_data=False,
            verbose=False,
        )


def _check(network: Any) -> None:
    config = network.config
    if not config.model_type.startswith("gliner_uni"):
        kind = "a bi-encoder"
    elif config.span_mode != SPAN_LEVEL:
        kind = "a token head"
    elif hasattr(network, "rnn"):
        kind = "a recurrent layer"
    elif config.subtoken_pooling not in POOLINGS:
        kind = f"words as the {config.subtoken_pooling} of their tokens"
    else:
        return
    mend = "export a uni-encoder with a span head and no recurrent layer"
    raise ModelError(f"a model with {kind} cannot be exported", mend=mend)


class _Graph(nn.Module):
    """From tokens to the parts of `span_head.span_logits`."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.encoder = network.token_rep_layer
        self.marker = network.span_rep_layer.span_rep_layer
        self.types = network.prompt_rep_layer
        first, _, _, last = self.marker.out_project
        size = first.weight.shape[1] // 2
        # products with constant matrices as they stand: a transposition in between would keep them from being quantised
        self.begin_weight = nn.Parameter(first.weight[:, :size].T.contiguous())
        self.end_weight = nn.Parameter(first.weight[:, size:].T.contiguous())
        self.bias, self.last = first.bias, last

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, word_tokens: Tensor, type_tokens: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        tokens = self.encoder(input_ids, attention_mask)
        words, types = _at(tokens, word_tokens), self.types(_at(tokens, type_tokens))
        begin = self.marker.project_start(words).relu() @ self.begin_weight + self.bias
        end = self.marker.project_end(words).relu() @ self.end_weight
        return begin, end, types @ self.last.weight, (types * self.last.bias).sum(-1)


def _at(tokens: Tensor, places: Tensor) -> Tensor:
    """The vectors (rows, places, size) at some places of each row."""
    return tokens.gather(1, places[..., None].expand(-1, -1, tokens.shape[-1]))


@contextmanager
def _eager(network: Any) -> Iterator[None]:
    """Attention in plain operations: the runtime knows them and fuses them itself."""
    config = network.token_rep_layer.bert_layer.model.config
    before = config._attn_implementation
    config._attn_implementation = "eager"
    try:
        yield
    finally:
        config._attn_implementation = before


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter tells of its own inner life at length."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
