"""Prompts: what a type is asked for by, with and without its definition, and the hash of the wording in use."""

from __future__ import annotations

from bioner.entity_types import EntityTypes, TypeName
from bioner.tagger.model import TaggerModel
from bioner.tagger.prompts import Prompts, fingerprint

TYPES = EntityTypes(
    {
        "drug": {
            "en": TypeName(name="drug", definition="a medicine"),
            "zh": TypeName(name="药物", definition="药品或疫苗"),
        },
        "gene": {"en": TypeName(name="gene")},
    }
)


def headers(model: TaggerModel, language: str, *, definitions: bool) -> dict[str, str]:
    tokenizer = model.prompts.pieces._tokenizer
    prompts = Prompts.of(tokenizer, definitions=definitions)
    return {key: tokenizer.decode(tokens) for key, tokens in prompts.headers(TYPES, language).items()}


def test_a_type_is_asked_for_by_name(tiny: TaggerModel) -> None:
    assert headers(tiny, "en", definitions=False) == {"drug": "drug:", "gene": "gene:"}
    assert headers(tiny, "zh", definitions=False) == {"drug": "药物:", "gene": "gene:"}


def test_a_definition_stands_beside_the_name_in_the_language_of_the_text(tiny: TaggerModel) -> None:
    assert headers(tiny, "en", definitions=True) == {"drug": "drug (a medicine):", "gene": "gene:"}
    assert headers(tiny, "zh", definitions=True) == {"drug": "药物（药品或疫苗）:", "gene": "gene:"}
    assert headers(tiny, "de", definitions=True)["drug"] == "drug (a medicine):"


def test_other_wording_has_another_hash() -> None:
    assert fingerprint(definitions=True) != fingerprint(definitions=False)
