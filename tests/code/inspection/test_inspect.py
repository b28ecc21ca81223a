"""Tests of what is told about a corpus, and of every kind of anomaly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bioner.corpora.reading import DROPPED, Reading, Touched
from bioner.documents import Document, Span
from bioner.inspection.anomalies import KINDS, Kind
from bioner.inspection.inspect import Inspection, Lengths, inspect

READING = Reading(Path("file"), "en", "mine")


def _found(*documents: Document) -> dict[Kind, int]:
    return {anomaly.kind: anomaly.count for anomaly in _inspected(*documents).anomalies}


def _inspected(*documents: Document) -> Inspection:
    return inspect(documents, Reading(Path("file"), "en", "mine"))


def test_the_figures() -> None:
    annotated = Document("1", "Fever. A rash.", "en", (Span.of(0, 5, "symptom"), Span.of(7, 13, "symptom")))
    plain = Document("2", "Nothing else", "en", (), "", {DROPPED: {"relation": 2}})
    inspection = _inspected(plain, annotated)
    assert (inspection.statistics.documents, inspection.sentences, inspection.unannotated) == (2, 3, 1)
    assert inspection.document_words == Lengths(2, 2, 5)
    assert inspection.entity_words == Lengths(1, 1, 2)
    assert inspection.dropped == {"relation": 2}
    assert inspection.examples == (annotated,)
    assert inspection.anomalies == ()
    assert inspection.to_record()["document_words"] == {"least": 2, "median": 2, "most": 5}


def test_examples_are_plain_where_nothing_is_annotated() -> None:
    assert [document.id for document in _inspected(Document("1", "a", "en")).examples] == ["1"]
    assert _inspected().entity_words == Lengths(0, 0, 0)


def test_repeated_ids_and_texts_are_named() -> None:
    inspection = _inspected(Document("1", "a", "en"), Document("1", "b", "en"), Document("2", "a", "en"))
    assert [(a.kind, a.count, a.places) for a in inspection.anomalies] == [
        ("repeated id", 1, ("1",)),
        ("repeated text", 1, ("2 repeats 1",)),
    ]


def test_every_anomaly_of_an_entity() -> None:
    text = "Mild fever. Then a rash"
    assert _found(Document("1", text, "en", (Span.of(4, 10, "s"),))) == {"blanks at the ends of a mention": 1}
    assert _found(Document("1", text, "en", (Span.of(5, 9, "s"),))) == {"entity off word boundaries": 1}
    assert _found(Document("1", text, "en", (Span.of(5, 16, "s"),))) == {"entity across a sentence end": 1}
    assert _found(Document("1", text, "en", (Span.of(5, 10, "s"),) * 2)) == {"same entity twice": 1}
    assert _found(Document("1", text, "en", (Span.of(5, 10, "s"), Span.of(19, 23, "S")))) == {
        "labels that differ only in case": 1
    }
    assert _found(Document("1", text, "en", (Span(((0, 4), (19, 23)), "s"),))) == {"entity across a sentence end": 1}


def test_blank_and_damaged_texts() -> None:
    assert _found(Document("1", " ", "en"), Document("2", "caf\ufffd", "en")) == {
        "blank text": 1,
        "replacement characters in the text": 1,
    }


def test_what_the_reader_noticed_is_an_anomaly() -> None:
    reading = Reading(Path("file"), "en", "mine")
    reading.noticed.append(Touched("file:3", "the mention has blanks", "took the offsets"))
    (anomaly,) = inspect([Document("1", "a", "en")], reading).anomalies
    assert anomaly.kind == "mention differs from its offsets"
    assert anomaly.places == ("file:3: the mention has blanks; took the offsets",)


def test_the_first_places_are_kept_and_all_are_counted() -> None:
    (anomaly,) = _inspected(*(Document(str(n), "", "en") for n in range(9))).anomalies[1:]
    assert (anomaly.kind, anomaly.count, len(anomaly.places)) == ("blank text", 9, 5)


def test_a_kind_is_named_once() -> None:
    assert len(KINDS) == len(set(KINDS))


@given(st.lists(st.integers(0, 50), min_size=1))
def test_the_median_is_the_lower_middle(lengths: list[int]) -> None:
    expected = sorted(lengths)[(len(lengths) - 1) // 2]
    assert Lengths.of(Counter(lengths)) == Lengths(min(lengths), expected, max(lengths))
