"""Rivals: the documents that tell two models apart, the clearest first."""

from __future__ import annotations

from bioner.documents import Document, Span
from bioner.evaluation.score import score_documents
from bioner.report.rivals import Comparison, Rival, comparison

FIRST, SECOND = Span.of(0, 5, "symptom"), Span.of(10, 15, "symptom")
GOLD = [Document(f"ward/{n}", "fever and cough", "en", (FIRST, SECOND)) for n in range(4)]


def compared(champion: list[list[Span]], present: list[list[Span]]) -> Comparison:
    before, now = ([d.with_spans(s) for d, s in zip(GOLD, side, strict=True)] for side in (champion, present))
    scores = score_documents(GOLD, now, resamples=20)
    found = comparison(GOLD, Rival("bioner-gliner, version 1", before), now, scores, {"symptom": "symptom"})
    assert found is not None
    return found


def test_documents_that_one_has_right_come_first() -> None:
    whole, half = [FIRST, SECOND], [FIRST]
    worst = [Span.of(6, 9, "drug"), Span.of(0, 1, "drug")]
    found = compared([half, worst, whole, half], [whole, half, half, half])
    assert [(pair.present.id, len(pair.champion.mistakes), len(pair.present.mistakes)) for pair in found.better] == [
        ("0", 1, 0),
        ("1", 3, 1),
    ]
    assert [pair.present.id for pair in found.worse] == ["2"]
    assert found.test.difference > 0 and not found.same


def test_equal_predictions_are_the_same_whatever_their_scores() -> None:
    sure = [[Span.of(0, 5, "symptom", 0.9)]] * 4
    found = compared([[FIRST]] * 4, sure)
    assert found.same and found.better == found.worse == ()


def test_no_more_than_five_a_side() -> None:
    many = [Document(f"ward/{n}", "fever", "en", (FIRST,)) for n in range(9)]
    scores = score_documents(many, many, resamples=20)
    blank = [document.with_spans([]) for document in many]
    found = comparison(many, Rival("bioner-gliner", blank), many, scores, {})
    assert found is not None and (len(found.better), len(found.worse)) == (5, 0)


def test_champion_that_is_not_at_hand_is_not_compared() -> None:
    scores = score_documents(GOLD, GOLD, resamples=20)
    assert comparison(GOLD, Rival("bioner-gliner", None, "no champion yet"), GOLD, scores, {}) is None
