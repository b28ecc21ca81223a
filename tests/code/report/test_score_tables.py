"""Score tables: the figures are those of the metric, in the place where a reader looks for them."""

from __future__ import annotations

from collections.abc import Sequence

from bioner.documents import Document, Span
from bioner.evaluation.score import score_documents
from bioner.report.scores import Table, ranked, tables

TYPES = {"drug": "drug", "lab_test": "laboratory test", "gene": "gene"}
LANGUAGES = {"en": "English", "zh": "Chinese"}
GOLD = (
    Document("a", "aspirin and heparin in blood", "en", (Span.of(0, 7, "drug"), Span.of(12, 19, "drug"))),
    Document("b", "肝素测定", "zh", (Span.of(0, 4, "lab_test"), Span.of(0, 2, "drug"))),
)


def predicted(*spans: Sequence[Span]) -> list[Document]:
    return [document.with_spans(found) for document, found in zip(GOLD, spans, strict=True)]


GOOD = score_documents(GOLD, predicted(GOLD[0].spans, (Span.of(0, 4, "lab_test"),)))
WEAK = score_documents(GOLD, predicted((Span.of(0, 3, "drug"), Span.of(23, 28, "tissue")), ()))


def made() -> dict[str, Table]:
    corpora = {"good": {"one": GOOD}, "weak": {"one": WEAK, "two": WEAK}}
    return {table.title: table for table in tables({"weak": WEAK, "good": GOOD}, corpora, TYPES, LANGUAGES)}


def test_models_are_ranked_by_strict_f1() -> None:
    (first, cell, scores), (second, *_) = ranked({"weak": WEAK, "good": GOOD})
    assert (first, second) == ("good", "weak")
    assert cell.strict == scores.schemes["strict"].micro and cell.overlap == scores.schemes["overlap"].micro
    assert cell.boundary == scores.schemes["boundary"].micro


def test_equal_models_are_ranked_by_name() -> None:
    assert [model for model, *_ in ranked({"b": GOOD, "a": GOOD})] == ["a", "b"]


def test_types_come_in_the_order_of_the_params_then_unknown_ones_and_unused_ones_are_left_out() -> None:
    table = made()["By entity type"]
    assert [(row.name, row.gold) for row in table.rows] == [("drug", 3), ("laboratory test", 1), ("tissue", 0)]


def test_languages_and_shapes_are_named() -> None:
    assert [row.name for row in made()["By language"].rows] == ["English", "Chinese"]
    assert [(row.name, row.gold) for row in made()["By shape"].rows] == [("flat", 2), ("nested", 2)]


def test_cells_hold_the_scores_of_the_metric() -> None:
    row = made()["By language"].rows[0]
    assert row.cells["good"].strict == GOOD.schemes["strict"].languages["en"]
    assert row.cells["weak"].overlap == WEAK.schemes["overlap"].languages["en"]


def test_highest_of_a_row_is_marked() -> None:
    row = made()["By language"].rows[0]
    assert row.cells["good"].highest and not row.cells["weak"].highest


def test_nothing_is_highest_without_a_rival_or_without_a_hit() -> None:
    (alone,) = tables({"good": GOOD}, {}, TYPES, LANGUAGES)[0].rows[:1]
    assert not alone.cells["good"].highest
    assert not any(cell.highest for row in made()["By entity type"].rows[2:] for cell in row.cells.values())


def test_corpus_that_one_model_was_not_scored_on_has_no_cell() -> None:
    one, two = made()["By test corpus"].rows
    assert set(one.cells) == {"good", "weak"} and set(two.cells) == {"weak"}


def test_no_scores_no_tables() -> None:
    assert tables({}, {}, TYPES, LANGUAGES) == []
