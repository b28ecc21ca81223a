"""The embedded causal LM as a local teacher: its tokens, read from a GGUF file, are held to a schema."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from jsonschema import validate

from bioner.config import load_params
from bioner.seeds import seed_torch
from bioner.tagger.backbone import load_backbone
from bioner.teacher.chat import Reply, Request, Schema
from bioner.teacher.local_model import LocalModel

pytestmark = pytest.mark.slow

SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["drug", "disease", "疾病"]},
        "sure": {"type": "boolean"},
        "word": {"type": "string", "maxLength": 12},
    },
    "required": ["kind", "sure", "word"],
    "additionalProperties": False,
}


def test_answers_of_real_weights_meet_the_schema(repository: Path, base_workspace: Path) -> None:
    with contextlib.chdir(base_workspace):
        seed_torch(1, 1)
        backbone = load_backbone(load_params(repository / "params.yaml").tagger.base)
    model = LocalModel(backbone, 4, "smollm2")
    texts = ("Tell me a story about gout.", "哮喘是什么？")
    requests = [
        Request((("user", text),), Schema("kind", SCHEMA), temperature=temperature, max_tokens=60, seed=7)
        for text in texts
        for temperature in (0.0, 1.5)
    ]
    for reply in model.ask(requests):
        assert isinstance(reply, Reply)
        assert reply.finish == "stop"
        validate(json.loads(reply.text), SCHEMA)
