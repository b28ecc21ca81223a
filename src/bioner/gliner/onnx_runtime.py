"""A network that ONNX Runtime runs: takes the place of the torch network wherever only logits are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bioner.errors import ModelError
from bioner.gliner.inputs import Batch, type_tokens
from bioner.gliner.onnx_graph import INPUTS, OUTPUTS, need_onnx
from bioner.gliner.span_head import Factors, score_spans


class OnnxNetwork:
    """The graph of `onnx_graph.write_graph`, loaded with as many threads as torch has.

    Args:
        path: the graph.
        config: the configuration of the network that it was made from.

    Raises:
        ConfigError: the extra is not installed.
        ModelError: the file is not such a graph.
    """

    def __init__(self, path: Path, config: Any) -> None:
        need_onnx()
        self.config = config
        self._session = _open(path)

    def __call__(self, batch: Batch) -> list[Tensor]:
        """The logits of each row's spans: one tensor (spans of the row, types of the row) a row."""
        ids, attended, marked = (x.numpy() for x in (batch.input_ids, batch.attention_mask, batch.words_mask))
        shift = 0 if self.config.embed_ent_token else 1
        types = type_tokens(ids, attended, self.config.class_token_index, batch.types) + shift
        words = word_tokens(marked, batch.lengths)
        found = self._session.run(list(OUTPUTS), dict(zip(INPUTS, (ids, attended, words, types), strict=True)))
        begin, end, weights, biases = (torch.from_numpy(array) for array in found)
        most = types.shape[1]
        columns = [torch.arange(row * most, row * most + count) for row, count in enumerate(batch.types)]
        factors = Factors(begin.unbind(), end.unbind(), weights.flatten(0, 1), biases.flatten())
        return score_spans(factors, batch.spans, columns)


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.enable_mem_pattern = False  # plans memory for each shape that it sees, and here each batch has its own
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # threads that wait take cores from torch
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own errors share no base class
        reason = str(error).partition("\n")[0]
        raise ModelError(f"the graph cannot be loaded: {reason}", where=str(path), mend="export it anew") from error


def word_tokens(marked: np.ndarray, lengths: list[int]) -> np.ndarray:
    """Where the token of each word is, (rows, most words of a row); 0 beyond the words of a row.

    Args:
        marked: at the token that stands for a word its position from 1, else 0; (rows, tokens).
    """
    places = np.zeros((len(lengths), max(lengths)), dtype=np.int64)
    rows, tokens = np.nonzero(marked)
    places[rows, marked[rows, tokens] - 1] = tokens
    return places
