"""The params of the suite: a set names what exists, its label map is one, and what it claims can be checked."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from bioner.config import parse_params, read_yaml
from bioner.errors import ConfigError

SET: dict[str, Any] = {
    "corpus": "sample-en",
    "path": "en/test.jsonl",
    "language": "en",
    "labels": {"name": "mine-1", "types": {"disease": ["disease", "symptom"]}},
    "protocol": "supervised",
}
FILE = {"path": "x.txt", "sha256": "0" * 64}


@pytest.fixture(scope="module")
def good(repository: Path) -> dict[str, Any]:
    return read_yaml(repository / "params.yaml")


def parsed(good: dict[str, Any], **changes: Any) -> Any:
    tree = copy.deepcopy(good) | {"suite": {"mine": SET | changes}}
    return parse_params(tree, "params.yaml").suite["mine"]


def test_there_is_no_set_by_default(good: dict[str, Any]) -> None:
    assert good["suite"] == {}


def test_a_label_stands_for_its_type(good: dict[str, Any]) -> None:
    assert parsed(good).labels.by_label == {"disease": "disease", "symptom": "disease"}


def test_a_set_may_have_types_of_its_own(good: dict[str, Any]) -> None:
    labels = {"name": "m", "types": {"cell": ["cell_type"]}}
    assert parsed(good, labels=labels, types={"cell": {"en": {"name": "cell"}}}).types["cell"]["en"].name == "cell"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"corpus": "none"}, "suite.mine.corpus: 'none' is none of sample-en"),
        ({"language": "zh"}, "suite.mine.language: corpora.sample-en is in 'en', not 'zh'"),
        ({"labels": {"name": "m", "types": {"cell": ["c"]}}}, "suite.mine.labels.types: 'cell' is none of disease"),
        ({"labels": {"name": "m", "types": {"drug": ["c"], "gene": ["c"]}}}, "label 'c' stands for several types"),
        ({"labels": {"name": "m", "types": {"drug": []}}}, "a type without a label"),
        ({"labels": {"name": "m", "types": {}}}, "suite.mine.labels.types"),
        ({"protocol": "zero-shot"}, "suite.mine.protocol"),
        ({"protocol": "few-shot"}, "`k` is needed for the protocol few-shot"),
        ({"k": 5}, "`k` is needed for the protocol few-shot, and only there"),
        ({"types": {"cell": {"en": {"name": "cell"}}}}, "types.cell is not in labels.types"),
        ({"types": {"disease": {"en": {"name": "x"}}}}, "'disease' is already one of `types`"),
        ({"types": {"disease": {"zh": {"name": "x"}}}}, "types.disease has no name in 'en'"),
        ({"others": {"gliner-mini": FILE}}, "suite.mine.others: 'gliner-mini' is the name of a model"),
        ({"others": {"x": FILE | {"labels": {"drug": ["d"]}}}}, "others.x.labels: 'drug' is not in labels.types"),
        ({"limt": 5}, "did you mean limit?"),
    ],
)
def test_a_mistake_is_named(good: dict[str, Any], changes: dict[str, Any], what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(good, **changes)
    assert what in caught.value.what


def test_no_model_is_called_suite(good: dict[str, Any]) -> None:
    models = good["models"] | {"suite": {"family": "gliner", "path": "models/finetune/mini"}}
    with pytest.raises(ConfigError, match="a model called 'suite'"):
        parse_params(good | {"models": models, "suite": {"mine": SET}}, "params.yaml")
