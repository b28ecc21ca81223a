"""Claims: what a set says of a model is held against what the model was trained on, and what was seen is named."""

from __future__ import annotations

from typing import Any

import pytest

from bioner.config import SuiteSet
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ConfigError
from bioner.suite.training import Training, check_claim

TYPES = EntityTypes({key: {"en": TypeName(name=name)} for key, name in (
    ("disease", "disease"), ("gene", "gene or protein"), ("drug", "drug"), ("protein", "protein"), ("virus", "virus"),
)})  # fmt: skip
NONE = EntityTypes({})


def document(name: str, *labels: str, language: str = "en") -> Document:
    spans = tuple(Span.of(n, n + 1, label) for n, label in enumerate(labels))
    return Document(name, "abcdefgh", language, spans)


GOLD = {"one": [document("1", "disease", "gene"), document("2", "disease")]}


def training(**more: Any) -> Training:
    given: dict[str, Any] = {"train": GOLD, "dev": {}, "synthetic": [], "types": TYPES, "before": NONE} | more
    return Training.of(**given)


def check(learnt: Training, protocol: str, *types: str, **more: Any) -> str:
    """The objection to a claim; empty if there is none."""
    given: dict[str, Any] = {
        "corpus": "other",
        "path": "p",
        "language": "en",
        "labels": {"name": "m", "types": {t: [t] for t in types}},
    }
    part = SuiteSet.model_validate(given | {"protocol": protocol} | more)
    try:
        check_claim(part, "mine", "the-model", learnt, TYPES)
    except ConfigError as error:
        assert "the-model" in error.what
        assert "suite.mine.protocol" in error.where
        assert error.mend
        return error.what
    return ""


def test_what_was_learnt_is_what_occurs() -> None:
    learnt = training(dev={"two": [document("3", "drug", language="zh")]}, synthetic=[document("4", "virus")])
    assert learnt.corpora == ("one", "two")
    assert learnt.languages == ("en", "zh")
    assert learnt.to_record()["types"] == {"disease": 2, "gene": 1, "drug": 0, "virus": 1}
    assert ("disease", "a") in learnt.shown
    assert ("drug", "a") not in learnt.shown, "dev chooses thresholds, and teaches no mention"


def test_zero_shot_types_are_unseen_also_by_their_words() -> None:
    assert check(training(), "zero-shot-type", "drug", "virus") == ""
    assert "the type 'disease' was in training, as disease" in check(training(), "zero-shot-type", "drug", "disease")
    assert "the type 'protein' was in training, as gene or protein" in check(training(), "zero-shot-type", "protein")
    assert "'virus' was in training" in check(training(synthetic=[document("s", "virus")]), "zero-shot-type", "virus")
    fed = training(before=EntityTypes.of_words(["drugs"]))
    assert "the type 'drug' was in training, as drugs" in check(fed, "zero-shot-type", "drug")


def test_a_zero_shot_language_was_never_read() -> None:
    chinese = {"language": "zh"}
    assert check(training(), "zero-shot-language", "disease", **chinese) == ""
    assert "the language 'en' was in training" in check(training(), "zero-shot-language", "disease")
    dev = training(dev={"two": [document("3", language="zh")]})
    assert "the language 'zh' was in training" in check(dev, "zero-shot-language", "disease", **chinese)


@pytest.mark.parametrize("protocol", ["zero-shot-type", "zero-shot-language"])
def test_a_corpus_that_was_trained_on_is_no_zero_shot_corpus(protocol: str) -> None:
    objection = check(training(), protocol, "drug", corpus="one", language="zh")
    assert "the corpus 'one' was in training" in objection


def test_shots_are_counted() -> None:
    assert check(training(), "few-shot", "disease", "gene", k=2) == ""
    assert "the type 'disease' was annotated 2 times, not 1 to 1" in check(training(), "few-shot", "disease", k=1)
    assert "the type 'drug' was annotated 0 times" in check(training(), "few-shot", "drug", k=3)


def test_supervised_is_said_of_what_was_learnt_alone() -> None:
    assert check(training(), "supervised", "disease", "gene") == ""
    assert check(training(), "supervised", "disease", corpus="one") == ""
    assert "the type 'drug' was not in training" in check(training(), "supervised", "disease", "drug")
    assert "the language 'zh' was not in training" in check(training(), "supervised", "disease", language="zh")
