"""Entity types: names in each language, in a fixed order, whole through a record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.entity_types import EntityTypes, TypeName
from bioner.errors import ConfigError

_NAME = st.builds(
    TypeName,
    name=st.text(min_size=1, max_size=5),
    definition=st.text(max_size=5),
    synonyms=st.lists(st.text(min_size=1, max_size=5), max_size=2).map(tuple),
)
_TYPES = st.dictionaries(
    st.text(min_size=1, max_size=4), st.dictionaries(st.sampled_from(["en", "zh", "de"]), _NAME, min_size=1), min_size=1
).map(EntityTypes)


@given(_TYPES)
def test_a_record_holds_everything_in_its_order(types: EntityTypes) -> None:
    again = EntityTypes.from_record(types.to_record())
    assert again == types
    assert again.keys == types.keys


@given(_TYPES, st.sampled_from(["en", "zh", "fr"]))
def test_every_type_has_a_name_in_every_language(types: EntityTypes, language: str) -> None:
    for key, name in types.names(language).items():
        own = types.types[key]
        assert name == own[language].name if language in own else name in {n.name for n in own.values()}
        assert types.definitions(language)[key] in {n.definition for n in own.values()}


@given(_TYPES, st.randoms())
def test_only_takes_the_types_in_the_order_asked(types: EntityTypes, random: object) -> None:
    keys = list(types.keys)
    random.shuffle(keys)  # type: ignore[attr-defined]
    half = keys[: len(keys) // 2 + 1]
    assert types.only(half).keys == tuple(half)
    assert all(types.only(half).names("en")[key] == types.names("en")[key] for key in half)


def test_words_of_a_user_are_their_own_keys_and_names() -> None:
    types = EntityTypes.of_words([" gene", "药物 ", ""])
    assert types.keys == ("gene", "药物")
    assert types.names("en") == types.names("zh") == {"gene": "gene", "药物": "药物"}
    assert types.definitions("en") == {"gene": "", "药物": ""}


@pytest.mark.parametrize("labels", [[], ["", "  "], ["gene", "gene "]])
def test_no_word_or_one_twice_is_refused(labels: list[str]) -> None:
    with pytest.raises(ConfigError, match="empty or repeated"):
        EntityTypes.of_words(labels)


def test_a_record_without_synonyms_is_what_it_was_before_there_were_any() -> None:
    types = EntityTypes({"drug": {"en": TypeName(name="drug", definition="a medicine")}})
    assert types.to_record() == {"drug": {"en": {"name": "drug", "definition": "a medicine"}}}


def test_a_synonym_that_is_a_name_or_synonym_already_is_found() -> None:
    def repeated(first: tuple[str, ...], second: tuple[str, ...], language: str = "en") -> list[tuple[str, str, str]]:
        drug = TypeName(name="drug", synonyms=first)
        return list(
            EntityTypes({"drug": {"en": drug}, "gene": {language: TypeName(name="gene", synonyms=second)}}).repeated()
        )

    assert repeated(("medicine",), ("locus", "allele")) == []
    assert repeated(("Gene",), ()) == [("en", "Gene", "drug")]
    assert repeated((), ("gene",)) == [("en", "gene", "gene")]
    assert repeated(("medicine",), ("Medicine",)) == [("en", "Medicine", "gene")]
    assert repeated(("medicine", "medicine"), ()) == [("en", "medicine", "drug")]
    assert repeated(("medicine",), ("medicine",), language="de") == []
