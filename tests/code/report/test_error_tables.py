"""Error tables: rows in a fixed order, with every count in its place."""

from __future__ import annotations

from collections import Counter

from bioner.evaluation.boundary_errors import BoundaryError
from bioner.report.error_tables import BOUNDARY_COLUMNS, boundary_rows, confusion_table, nested_rows

TYPES = {"drug": "medicine", "gene": "gene or protein", "organism": "organism"}


def test_confusion_keeps_the_order_of_the_types_and_shares_its_rows() -> None:
    counts = {("gene", "gene"): 3, ("gene", None): 1, ("drug", "gene"): 1, (None, "drug"): 2, ("odd", "odd"): 1}
    table = confusion_table(counts, TYPES)
    assert table.columns == ("medicine", "gene or protein", "odd", "not found")
    assert [row.name for row in table.rows] == ["medicine", "gene or protein", "odd", "no mention there"]
    assert [[cell.count for cell in row.cells] for row in table.rows] == [
        [0, 1, 0, 0],
        [0, 3, 0, 1],
        [0, 0, 1, 0],
        [2, 0, 0, 0],
    ]
    assert [cell.share for cell in table.rows[1].cells] == [0.0, 0.75, 0.0, 0.25]
    assert [[cell.right for cell in row.cells].count(True) for row in table.rows] == [1, 1, 1, 0]


def test_boundaries_are_counted_by_words_and_name_the_most_frequent() -> None:
    found = [BoundaryError("left, too long", 1, word, "en") for word in ("acute", "severe", "acute")]
    found += [
        BoundaryError("left, too long", 9, "b c d", "en"),
        BoundaryError("other fragments", 0, "", "en"),
    ]
    first, second = boundary_rows(found)
    assert len(first.counts) == len(BOUNDARY_COLUMNS)
    assert (first.name, first.counts, first.total) == ("left, too long", (0, 3, 0, 0, 1), 4)
    assert [(one.words, one.count) for one in first.stretches] == [
        ("acute", 2),
        ("b c d", 1),
        ("severe", 1),
    ]
    assert (second.name, second.counts, second.stretches) == ("other fragments", (1, 0, 0, 0, 0), ())
    assert boundary_rows([]) == []


def test_nested_pairs_are_summed_up_and_then_shown_by_type() -> None:
    counts = Counter(
        {("drug", "gene", "both found"): 2, ("drug", "gene", "both missed"): 1, ("gene", "gene", "inner missed"): 4}
    )
    whole, first, second = nested_rows(counts, TYPES)
    assert (whole.outer, whole.pairs, whole.outcomes["inner missed"]) == ("", 7, 4)
    assert (first.outer, first.inner, first.pairs) == ("gene or protein", "gene or protein", 4)
    assert (second.outer, second.inner) == ("medicine", "gene or protein")
    assert list(second.outcomes.values()) == [2, 0, 0, 1]
    assert nested_rows({}, TYPES) == []
