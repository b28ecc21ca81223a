"""Label maps: what is judged, what is left out on both sides and counted, and that a map is known by its hash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.config import LabelMap
from bioner.documents import Document, Span
from bioner.errors import DataError
from bioner.suite.label_map import fingerprint, gold_of, mapped, of_models, of_others

MAP = LabelMap(name="m", types={"disease": ("Disease", "Modifier"), "drug": ("Chemical",)})


def document(*labels: str) -> Document:
    spans = tuple(Span.of(n, n + 1, label, 0.5) for n, label in enumerate(labels))
    return Document("d", "x" * 20, "en", spans)


def test_labels_become_types_and_all_others_are_counted() -> None:
    found, left = gold_of([document("Modifier", "Gene", "Chemical", "Gene")], MAP, "file")
    assert [(span.label, span.start, span.score) for span in found[0].spans] == [("disease", 0, 0.5), ("drug", 2, 0.5)]
    assert left == {"Gene": 2}


def test_a_map_that_fits_nothing_lists_what_there_is() -> None:
    with pytest.raises(DataError, match="they have Gene, disease") as caught:
        gold_of([document("disease", "Gene")], MAP, "file")
    assert "case" in caught.value.mend


def test_models_predict_types_and_other_systems_types_or_labels_of_the_corpus() -> None:
    assert mapped([document("drug", "Chemical")], of_models(MAP))[1] == {"Chemical": 1}
    found, left = mapped([document("drug", "Chemical", "Species")], of_others(MAP, None))
    assert [span.label for span in found[0].spans] == ["drug", "drug"]
    assert left == {"Species": 1}
    assert of_others(MAP, {"drug": ["MED"]}) == {"MED": "drug"}


@given(st.permutations(("Disease", "Modifier")), st.booleans())
def test_the_hash_follows_what_the_map_says_alone(labels: list[str], turned: bool) -> None:
    types = {"drug": ("Chemical",), "disease": tuple(labels)}
    same = LabelMap(name="other", types=dict(reversed(types.items())) if turned else types)
    assert fingerprint(same) == fingerprint(MAP)
    assert fingerprint(LabelMap(name="m", types={"disease": ("Disease",)})) != fingerprint(MAP)
