"""Tests of the sample data: size, types, nesting, and that no sentence stands in two splits."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from bioner.config import SPLITS, load_params
from bioner.corpora.reading import Reading
from bioner.corpora.registry import reader_of
from bioner.corpora.statistics import Statistics
from bioner.curation.hashing import key_of
from bioner.documents import Document

ROOT = Path(__file__).parents[2]
GOLD = ("train", "dev", "test")
LANGUAGES = ("en", "zh")


@cache
def _split(language: str, split: str) -> tuple[Document, ...]:
    """All documents of a language in a split of the sample corpora, read as the pipeline reads them."""
    params = load_params(ROOT / "params.yaml")
    documents: list[Document] = []
    for name, corpus in params.corpora.items():
        for found, part in corpus.splits.items():
            if found == split and corpus.language == language:
                file = ROOT / params.data_root / corpus.path / part
                documents += reader_of(corpus)(Reading(file, language, name))
    return tuple(documents)


def _gold(language: str) -> list[Document]:
    return [document for split in GOLD for document in _split(language, split)]


@pytest.mark.parametrize(("language", "annotated", "unlabelled"), [("en", 240, 400), ("zh", 160, 200)])
def test_there_are_enough_sentences(language: str, annotated: int, unlabelled: int) -> None:
    assert len(_gold(language)) >= annotated
    assert len(_split(language, "unlabelled")) >= unlabelled
    assert all(_split(language, split) for split in GOLD)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_occurs_in_every_split_and_no_other_does(language: str) -> None:
    types = set(load_params(ROOT / "params.yaml").types)
    assert len(types) == 8
    for split in GOLD:
        assert set(Statistics.of(_split(language, split)).types) == types


def test_types_are_named_and_defined_in_both_languages() -> None:
    for names in load_params(ROOT / "params.yaml").types.values():
        assert set(names) == set(LANGUAGES)
        assert all(name.definition for name in names.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_enough_entities_are_nested_and_some_are_discontinuous(language: str) -> None:
    found = Statistics.of(_gold(language))
    assert found.nested >= 0.12 * found.entities
    assert found.discontinuous > 0
    assert (found.repeated_ids, found.repeated_texts) == (0, 0)


def test_no_sentence_stands_twice() -> None:
    documents = chain.from_iterable(_split(language, split) for language in LANGUAGES for split in SPLITS)
    repeated = [key for key, times in Counter(key_of(document.text) for document in documents).items() if times > 1]
    assert repeated == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_mentions_are_trimmed_and_annotated_once(language: str) -> None:
    for document in _gold(language):
        for span in document.spans:
            for start, end in span.fragments:
                fragment = document.text[start:end]
                assert fragment == fragment.strip(), (document.id, fragment)
        extents = [(span.fragments, span.label) for span in document.spans]
        assert len(set(extents)) == len(extents), document.id


def test_texts_are_in_the_language_that_they_say() -> None:
    for language in LANGUAGES:
        for document in [*_gold(language), *_split(language, "unlabelled")]:
            han = any("\u4e00" <= character <= "\u9fff" for character in document.text)
            assert han == (language == "zh"), document.id
