"""Whatever a model prefers, what it may write is JSON of the schema, and sampling draws what it should."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import validate
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.teacher.local_decoding import Row
from bioner.teacher.local_grammar import Grammars
from bioner.teacher.tasks.registry import TASKS, open_task

TYPES = EntityTypes.of_words(["disease", "化学物质", 'a "quoted" one'])
MOST = 2000


@pytest.fixture(scope="module")
def tokenizer(tiny_chat: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_chat)


@pytest.fixture(scope="module")
def grammars(tokenizer: Any) -> Grammars:
    return Grammars(tokenizer, len(tokenizer) + 24)  # a model may have more logits than tokens


def written(grammars: Grammars, schema: dict[str, Any], seed: int, limit: int = MOST) -> tuple[Row, str]:
    """What a model writes that draws any token it may, the ends of strings and lists a little more often."""
    random, row = Random(seed), Row(grammars.begin(schema), limit, 0.0, torch.Generator())
    while not row.ended:
        allowed = np.flatnonzero(row.allowed(MOST)).tolist()
        closing = [token for token in allowed if grammars.text([token])[:1] in {'"', "]", "}"}]
        row.take(random.choice(closing if closing and random.random() < 0.3 else allowed))
    return row, grammars.text(row.tokens)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_may_be_written_meets_the_schema(task: str, grammars: Grammars, seed: int) -> None:
    schema = open_task(task, types=TYPES if task == "open_ner" else None).schema("en")
    row, text = written(grammars, schema, seed)
    if row.complete:
        validate(json.loads(text), schema)
        assert json.dumps(json.loads(text), ensure_ascii=False)[0] == text[0] == "{"
    else:
        assert len(row.tokens) == MOST


def test_most_of_it_ends(grammars: Grammars) -> None:
    schema = open_task("open_ner", types=TYPES).schema("en")
    assert sum(written(grammars, schema, seed)[0].complete for seed in range(20)) > 10


def test_an_answer_that_is_cut_off_is_not_complete(grammars: Grammars) -> None:
    row, text = written(grammars, open_task("open_ner").schema("en"), 1, limit=3)
    assert row.ended
    assert not row.complete
    assert len(row.tokens) == 3
    row.take(5)
    assert grammars.text(row.tokens) == text  # padding is not taken


def test_no_blanks_but_those_of_our_examples(grammars: Grammars) -> None:
    schema = {"type": "object", "properties": {"a": {"enum": [1]}, "b": {"enum": [2]}}, "required": ["a", "b"]}
    row, text = written(grammars, schema | {"additionalProperties": False}, 1)
    assert row.complete
    assert text == json.dumps({"a": 1, "b": 2})


def test_a_decoder_that_does_not_go_with_the_tokens_is_replaced(tokenizer: Any, tiny_chat: Path) -> None:
    wrong = AutoTokenizer.from_pretrained(tiny_chat)
    parts = [decoders.ByteFallback(), decoders.Fuse(), decoders.Replace("▁", " "), decoders.ByteLevel()]
    wrong.backend_tokenizer.decoder = decoders.Sequence(parts)  # as transformers makes of a GGUF file
    schema = {"enum": ["a b c", "a b d"]}
    row, text = written(Grammars(wrong, len(wrong)), schema, 1)
    assert row.complete
    assert json.loads(text) in schema["enum"]
    assert len(wrong) == len(tokenizer)


def test_tokens_of_another_kind_are_refused() -> None:
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "entities": 1}, unk_token="[UNK]"))  # noqa: S106
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(ModelError, match="cannot be held to a schema"):
        Grammars(PreTrainedTokenizerFast(tokenizer_object=words), 2)


def test_a_slow_tokenizer_is_refused() -> None:
    class Slow(SimpleNamespace):
        def __len__(self) -> int:
            return 3

    with pytest.raises(ModelError, match="cannot be held to a schema") as caught:
        Grammars(Slow(eos_token_id=1, pad_token_id=None), 3)
    assert "fast tokenizer" in caught.value.mend


def test_a_schema_that_cannot_be_held_to_is_told(grammars: Grammars) -> None:
    with pytest.raises(ModelError, match="schema of the answers"):
        grammars.begin({"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}, "required": ["a"]})
