"""The figures of a batch: each is what its name says."""

from __future__ import annotations

import math

from bioner.documents import Document, Span
from bioner.validation.figures import DENSITY, LABEL_DRIFT, LENGTH_DRIFT, against_gold, density, shares


def document(identity: str, *labels: str, language: str = "en") -> Document:
    """A text of four words, of which the first is annotated with each label."""
    return Document(identity, "one two three four", language, tuple(Span.of(0, 3, label) for label in labels))


def test_density_is_entities_per_word() -> None:
    assert density([document("a", "x"), document("b", "x", "y", "z")]) == 0.5
    assert density([document("a")]) == 0
    assert density([]) == 0


def test_shares_are_of_the_batch_of_the_request_and_of_the_vocabulary() -> None:
    batch = [document("a", "x"), document("b"), document("c", "y"), document("d", "x", "other")]
    found = shares(batch, batch[:2], ["x", "y", "z", "q"], ["a", "b", "missing", "c", "gone"])
    assert found == {
        "accepted_rows": 2.0,
        "quarantined_share": 0.5,
        "answered_share": 0.6,
        "texts_with_entities": 0.5,
        "types_occurring": 0.25,
    }


def test_a_share_of_nothing_is_no_number() -> None:
    found = shares([], [], ["x"], [])
    missing = {name for name, value in found.items() if math.isnan(value)}
    assert missing == {"quarantined_share", "answered_share", "texts_with_entities"}


def test_languages_are_compared_apart_and_only_where_both_sides_have_entities() -> None:
    gold = [document("g", "x", "y"), document("h", language="zh")]
    ours = [document("a", "x"), document("b", "x", language="zh"), document("c", "x", language="de")]
    found = against_gold(["zh", "en", "de", "fr"], ours, gold)
    assert found[DENSITY] == {"en": 0.5}
    assert list(found[LABEL_DRIFT]) == list(found[LENGTH_DRIFT]) == ["en"]
    assert against_gold(["en"], [document("a")], gold) == {DENSITY: {"en": 0.0}, LABEL_DRIFT: {}, LENGTH_DRIFT: {}}


def test_types_that_the_gold_data_lacks_are_no_drift() -> None:
    gold = [document(str(n), "x") for n in range(200)]
    ours = [document(str(n), "x", "y", "z") for n in range(200)]
    assert against_gold(["en"], ours, gold)[LABEL_DRIFT] == {"en": 0.0}
    assert against_gold(["en"], [document("a", "y")], gold)[LABEL_DRIFT] == {}
