"""The table of scores: every figure a reader looks for is on it."""

from __future__ import annotations

from io import StringIO

from brute_force import document
from rich.console import Console

from bioner.documents import Document, Span
from bioner.evaluation.schemes import MODES
from bioner.evaluation.score import score_documents
from bioner.evaluation.table import render


def printed(gold: list[Document], predicted: list[Document]) -> list[str]:
    out = StringIO()
    Console(width=140, file=out).print(render(score_documents(gold, predicted, resamples=20, modes=MODES)))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_shows_schemes_groups_and_errors() -> None:
    gold = [document([Span.of(0, 4, "[gene]"), Span.of(0, 4, "[gene]"), Span(((6, 7), (8, 9)), "B")], language="zh")]
    lines = printed(gold, [document([Span.of(0, 4, "[gene]"), Span.of(6, 9, "C")])])
    cells = [line.split() for line in lines]
    assert ["strict", "2", "2", "1", "0.500", "0.500", "0.500", "0.500", "to", "0.500", "0.333"] in cells
    assert ["[gene]", "1", "1", "1", "1.000", "1.000", "1.000", "1.000", "to", "1.000"] in cells
    assert ["B", "1", "0", "0", "–", "0.000", "0.000", "0.000", "to", "0.000"] in cells
    assert ["zh", "2", "2", "1", "0.500", "0.500", "0.500", "0.500", "to", "0.500"] in cells
    assert not any(line.startswith("nested") for line in lines), "a shape that does not occur has no row"
    for name in ("type within overlap", "overlap, greedy (for published tables)"):
        assert any(line.startswith(name) for line in lines)
    assert lines[-1] == (
        "1 documents, 0 missed, 0 spurious, 0 wrong boundary, 0 wrong type, 1 wrong boundary and type, "
        "1 repeated gold spans counted once"
    )


def test_shows_documents_without_any_mention() -> None:
    lines = printed([document([])], [document([])])
    assert ["strict", "0", "0", "0", "–", "–", "–", "–", "–"] in [line.split() for line in lines]
