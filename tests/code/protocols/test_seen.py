"""Who claims zero-shot is checked: by key, and by the words of the names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ConfigError
from bioner.protocols.seen import check_unseen, content_words, learnt_types, seen_as


def types(*names: str) -> EntityTypes:
    return EntityTypes.of_words(names)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ("drug", "Drugs"),
        ("cell_line", "cell-lines"),
        ("protein", "gene or protein"),
        ("laboratory test", "test"),
        ("therapies", "therapy"),
        ("疾病", "疾病"),
        ("ＤＮＡ", "DNA"),
    ],
)
def test_a_type_is_known_by_the_words_of_its_name(asked: str, seen: str) -> None:
    assert seen_as(types(asked), types(seen)) == {asked: [seen]}


@pytest.mark.parametrize(("asked", "seen"), [("cell line", "cell type"), ("virus", "viral load"), ("疾病", "症状")])
def test_other_words_are_another_type(asked: str, seen: str) -> None:
    assert seen_as(types(asked), types(seen)) == {}


def test_a_key_or_a_synonym_gives_a_type_away() -> None:
    asked = EntityTypes({"x": {"en": TypeName(name="compound", synonyms=("medicine",))}})
    assert seen_as(asked, EntityTypes({"x": {"zh": TypeName(name="化合物")}})) == {"x": ["化合物"]}
    assert seen_as(asked, types("medicines")) == {"x": ["medicines"]}


def test_all_seen_types_are_listed() -> None:
    with pytest.raises(
        ConfigError, match=r"m has seen 2 of 3 .*: drug \(as drug\); cell \(as cell line, cells\)"
    ) as caught:
        check_unseen(types("drug", "cell", "virus"), types("cells", "drug", "cell line", "gene"), "m")
    assert caught.value.mend


def test_only_what_occurs_is_learnt() -> None:
    documents = [Document("1", "aspirin", "en", (Span.of(0, 7, "drug"),))]
    assert learnt_types(documents, types("disease", "drug")).keys == ("drug",)


@given(st.text(alphabet="abcdefgs -_", min_size=1))
def test_case_hyphens_and_order_do_not_matter(name: str) -> None:
    assert content_words(name) == content_words(name.upper().replace("-", " "))
    assert content_words(" ".join(reversed(name.split(" ")))) == content_words(name)
