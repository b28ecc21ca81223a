"""A base model in 4 bits: the settings of QLoRA, and the refusal where they cannot work."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any, Literal

from bioner.errors import ModelError

Quantise = Literal["nf4"]


def quantised() -> dict[str, Any]:
    """What `from_pretrained` takes to load a base as QLoRA has it (Dettmers et al. 2023, arXiv 2305.14314).

    Weights of linear layers are 4-bit normal floats whose scales are quantised too; they are computed with in bfloat16.
    The output matrix stays as it is. Each process of a distributed training loads to its own GPU.

    Raises:
        ModelError: there is no CUDA GPU, or bitsandbytes is not installed.
    """
    import torch

    if not torch.cuda.is_available():
        raise ModelError(
            "a base in 4 bits (`quantise: nf4`) needs a CUDA GPU",
            mend="run it where there is one, or train a tagger without `quantise`",
        )
    if find_spec("bitsandbytes") is None:
        what = "a base in 4 bits (`quantise: nf4`) needs bitsandbytes"
        raise ModelError(what, mend="pip install 'bioner-foundry[gpu]'")
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": config, "device_map": {"": int(os.environ.get("LOCAL_RANK", "0"))}}
