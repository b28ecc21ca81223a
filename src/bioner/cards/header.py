"""The metadata header of a card, as model hubs read it; what is not known is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from bioner.cards.facts import Facts
from bioner.cards.markdown import plain

_TASK = {"type": "token-classification", "name": "Named Entity Recognition"}
_SCHEMES = ("strict", "overlap")
_HUB = "hf:"


def header(facts: Facts) -> str:
    """The YAML between two lines of dashes.

    The licence of the model is left out: nobody stated one, and those of its base and data are in the text. Fields:
    https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    languages = sorted({plain(corpus.language) for corpus in facts.chain.corpora})
    results = [
        _result(plain(name), scores["schemes"]) for name, scores in sorted(facts.evaluation.get("corpora", {}).items())
    ]
    fields: dict[str, Any] = {
        "language": languages,
        "library_name": "gliner" if facts.family == "gliner" else None,
        "pipeline_tag": _TASK["type"],
        "base_model": plain(facts.base.removeprefix(_HUB)) if facts.base.startswith(_HUB) else None,
        "tags": [name for name in ("named-entity-recognition", "bioner-foundry", plain(facts.family)) if name],
        "model-index": [{"name": plain(f"{facts.name}/{facts.number}"), "results": results}] if results else None,
    }
    written = {key: value for key, value in fields.items() if value}
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---\n"


def _result(corpus: str, schemes: Mapping[str, Any]) -> dict[str, Any]:
    metrics = [
        {"type": "f1", "value": schemes[name]["micro"]["f1"], "name": f"{name} F1"}
        for name in _SCHEMES
        if name in schemes and schemes[name]["micro"]["f1"] is not None
    ]
    return {"task": dict(_TASK), "dataset": {"type": corpus, "name": corpus}, "metrics": metrics}
