"""An exported GLiNER on disk: the graph, and the configuration and tokenizer that the model had."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from bioner.gliner.model import Gliner, assemble, load_tokenizer, read_config, save_description
from bioner.gliner.onnx_graph import write_graph
from bioner.gliner.onnx_runtime import OnnxNetwork
from bioner.gliner.quantise import quantise

GRAPH = "model.onnx"


def save_onnx(model: Gliner, folder: Path) -> None:
    """Write a model as an ONNX graph into an existing folder; raises what `write_graph` does."""
    write_graph(model.network, folder / GRAPH)
    save_description(model, folder)


def save_int8(model: Gliner, folder: Path) -> None:
    """Write a model as an ONNX graph with 8-bit weights into an existing folder; raises what `write_graph` does."""
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        whole = Path(aside) / GRAPH
        write_graph(model.network, whole)
        quantise(whole, folder / GRAPH)
    save_description(model, folder)


KINDS: dict[str, Callable[[Gliner, Path], None]] = {"onnx": save_onnx, "int8": save_int8}  # how each is saved


def read_exported(folder: Path, max_words: int, max_types: int) -> Gliner:
    """A model that one of `KINDS` wrote.

    Raises:
        ConfigError: the extra is not installed.
        ModelError: the folder does not hold one.
    """
    config, _ = read_config(folder)
    return assemble(OnnxNetwork(folder / GRAPH, config), load_tokenizer(folder), None, max_words, max_types)
