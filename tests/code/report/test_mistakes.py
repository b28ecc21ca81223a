"""The worst documents: the most errors first, each in words, right and wrong mentions told apart."""

from __future__ import annotations

from dataclasses import replace

from bioner.documents import Document, Span
from bioner.report.mistakes import Side, worst_documents

TYPES = {"symptom": "symptom", "lab_test": "laboratory test"}
PAIN = Span(((0, 4), (15, 18)), "symptom")
TEXT = "left and right arm pain, CRP raised"
GOLD = [
    Document("ward/1", TEXT, "en", (PAIN, Span.of(25, 28, "lab_test"))),
    Document("ward/2", TEXT, "en", (PAIN,)),
    Document("lab/3", TEXT, "en", (PAIN,)),
]
PREDICTED = [
    GOLD[0].with_spans([Span(((0, 4), (15, 18)), "symptom", 0.9), Span.of(25, 28, "symptom", 0.75)]),
    GOLD[1].with_spans([Span.of(9, 14, "lab_test"), Span.of(29, 35, "symptom")]),
    GOLD[2],
]


def test_the_worst_come_first_and_the_faultless_not_at_all() -> None:
    assert [(e.corpus, e.id, len(e.mistakes)) for e in worst_documents(GOLD, PREDICTED, TYPES, 9)] == [
        ("ward", "2", 3),
        ("ward", "1", 1),
    ]


def test_no_more_than_asked_for() -> None:
    assert [e.id for e in worst_documents(GOLD, PREDICTED, TYPES, 1)] == ["2"]


def test_equally_bad_documents_are_ordered_by_id() -> None:
    blank = [document.with_spans([]) for document in GOLD[1:]]
    assert [e.corpus for e in worst_documents(GOLD[1:], blank, TYPES, 9)] == ["lab", "ward"]


def test_error_is_told_in_words() -> None:
    (mistake,) = worst_documents(GOLD, PREDICTED, TYPES, 9)[1].mistakes
    assert mistake.kind == "wrong type"
    assert mistake.gold == Side("CRP", "laboratory test", None)
    assert mistake.predicted == Side("CRP", "symptom", 0.75)


def test_fragments_are_parted_by_an_ellipsis() -> None:
    missed = worst_documents(GOLD, PREDICTED, TYPES, 1)[0].mistakes[0]
    assert (missed.kind, missed.gold, missed.predicted) == ("missed", Side("left … arm", "symptom", None), None)


def test_kinds_are_counted_in_a_fixed_order() -> None:
    assert list(worst_documents(GOLD, PREDICTED, TYPES, 1)[0].kinds.items()) == [("missed", 1), ("spurious", 2)]


def test_what_both_sides_have_is_marked_right() -> None:
    example = worst_documents(GOLD, PREDICTED, TYPES, 9)[1]
    marks = {bar.mark for piece in example.pieces for bar in (*piece.gold, *piece.predicted)}
    assert {(mark.label, mark.start, mark.right) for mark in marks} == {
        ("symptom", 0, True),
        ("laboratory test", 25, False),
        ("symptom", 25, False),
    }
    assert example.right == 1


def test_repeated_predictions_and_touching_fragments_are_no_errors() -> None:
    split = [Span(((0, 2), (2, 4), (15, 18)), "symptom", 0.4), Span(((0, 4), (15, 18)), "symptom", 0.8)]
    assert worst_documents(GOLD[2:], [replace(GOLD[2], spans=tuple(split))], TYPES, 9) == []
