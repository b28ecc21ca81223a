"""Tests of what two corpora have in common."""

from __future__ import annotations

from bioner.documents import Document, Span
from bioner.inspection.overlap import Overlap, Part, compare, side_of

LONG = "the patient was given two tablets of the new medicine every morning and every evening for three weeks"


def _overlap(left: list[Document], right: list[Document], own: bool = True) -> Overlap:
    return compare(side_of((d, own) for d in left), side_of((d, own) for d in right))


def test_ids_texts_and_sentences_are_counted_from_both_sides() -> None:
    left = [Document("1", "A fever. A rash.", "en"), Document("2", "A cough.", "en"), Document("2", "A cough.", "en")]
    right = [Document("2", "Pain. A rash.", "en")]
    overlap = _overlap(left, right)
    assert overlap.left["ids"] == Part(2, 1, 0, 3, 2)
    assert overlap.right["ids"] == Part(1, 1, 0, 1, 1)
    assert overlap.left["texts"] == Part(2, 0, 0, 3, 0)
    assert overlap.left["sentences"] == Part(3, 1, 0, 4, 1)
    assert overlap.right["sentences"] == Part(2, 1, 0, 2, 1)


def test_ids_that_are_not_a_documents_own_do_not_count() -> None:
    document = Document("file:1", "A fever.", "en")
    assert _overlap([document], [document], own=False).left["ids"] == Part(0, 0, 0, 0, 0)


def test_texts_are_the_same_but_for_case_blanks_and_tokenisation() -> None:
    overlap = _overlap([Document("1", "c - fos ( 2 )", "en")], [Document("x", "C-FOS (2)", "en")])
    assert overlap.left["texts"].shared == overlap.right["texts"].shared == 1


def test_near_texts_are_told_apart_from_equal_ones() -> None:
    near = LONG.replace(
        "three", "four"
    )  # 2 of 16 runs of three words differ: 14 / 18 is not near, one word at the end is
    end = LONG + " more"
    overlap = _overlap([Document("1", LONG, "en"), Document("2", near, "en")], [Document("3", end, "en")])
    assert overlap.left["texts"] == Part(2, 0, 1, 2, 0)
    assert overlap.right["texts"] == Part(1, 0, 1, 1, 0)
    assert _overlap([Document("1", LONG, "en")], [Document("3", LONG, "en")]).left["texts"].near == 0


def test_near_in_chinese_goes_by_characters() -> None:
    text = "患者因反复发热伴咳嗽三天入院治疗"
    overlap = _overlap([Document("1", text, "zh")], [Document("2", text + "。", "zh")])
    assert overlap.left["texts"] == Part(1, 0, 1, 1, 0)


def test_entities_count_by_mention_and_type_and_mentions_by_themselves() -> None:
    text = "Aspirin and aspirin"
    left = [Document("1", text, "en", (Span.of(0, 7, "drug"), Span.of(12, 19, "drug")))]
    right = [Document("1", text, "en", (Span.of(0, 7, "chemical"),))]
    overlap = _overlap(left, right)
    assert overlap.left["mentions"] == Part(1, 1, 0, 2, 2)
    assert overlap.left["entities"] == Part(1, 0, 0, 2, 0)
    assert overlap.same_entities == 0
    assert _overlap(left, left).same_entities == 1
