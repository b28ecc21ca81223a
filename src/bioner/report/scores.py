"""Score tables: every model's figures side by side, over everything and per language, type, shape and corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bioner.evaluation.mentions import SHAPES
from bioner.evaluation.schemes import Mode
from bioner.evaluation.scores import SchemeScores, Score, Scores

Named = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One model on one group of mentions.

    Attributes:
        strict: the score of the scheme `strict`.
        boundary: of the scheme `boundary`.
        overlap: of the scheme `overlap`.
        highest: whether no other model of the row has a higher strict F1.
    """

    strict: Score
    boundary: Score
    overlap: Score
    highest: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One group of mentions.

    Attributes:
        name: of the group, as shown.
        gold: how many mentions were expected.
        cells: model -> scores; a model that was not scored on the group is absent.
    """

    name: str
    gold: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one way to group the mentions.

    Attributes:
        title: what the rows are.
        note: one sentence on how to read it; may be empty.
        models: the columns.
        rows: the groups.
    """

    title: str
    note: str
    models: tuple[str, ...]
    rows: tuple[Row, ...]


def ranked(scores: Mapping[str, Scores]) -> list[tuple[str, Cell, Scores]]:
    """The models with their scores over everything, the highest strict F1 first."""
    micro = {model: _cell(score, lambda scheme: scheme.micro) for model, score in scores.items()}
    cells = _row("", {model: cell for model, cell in micro.items() if cell}).cells
    order = sorted(cells, key=lambda model: (-(cells[model].strict.f1 or 0.0), model))
    return [(model, cells[model], scores[model]) for model in order]


def tables(
    scores: Mapping[str, Scores], corpora: Mapping[str, Mapping[str, Scores]], types: Named, languages: Named
) -> list[Table]:
    """One table for each way to group the mentions.

    Args:
        scores: model -> its scores over all test documents.
        corpora: model -> corpus -> its scores over the test documents of the corpus.
        types: key -> name of the entity types, in the order to show.
        languages: code -> name.
    """
    models = tuple(model for model, _, _ in ranked(scores))
    names = sorted({corpus for parts in corpora.values() for corpus in parts})
    by_corpus = [
        _row(name, {m: cell for m in models if (cell := _cell(corpora.get(m, {}).get(name), lambda s: s.micro))})
        for name in names
    ]
    found = [
        Table("By language", "", models, _group(scores, lambda scheme: scheme.languages, languages)),
        Table("By entity type", "", models, _group(scores, lambda scheme: scheme.types, types)),
        Table("By shape", _SHAPE_NOTE, models, _group(scores, lambda scheme: scheme.shapes, _SHAPES)),
        Table("By test corpus", "", models, tuple(by_corpus)),
    ]
    return [table for table in found if table.rows]


_SHAPES: Named = {shape: shape for shape in SHAPES}
_SHAPE_NOTE = (
    "Nested: shares characters with another mention. Discontinuous: several fragments with a gap between them."
)


def _group(
    scores: Mapping[str, Scores], pick: Callable[[SchemeScores], Mapping[str, Score]], names: Named
) -> tuple[Row, ...]:
    """One row for each key of a group that occurs; keys that have a name come first, in the order of the names."""
    present = {key for score in scores.values() for key in pick(score.schemes["strict"])}
    keys = [key for key in names if key in present] + sorted(present - set(names))
    rows = []
    for key in keys:
        cells = {model: _cell_of(score, pick, key) for model, score in scores.items()}
        rows.append(_row(names.get(key, key), {model: cell for model, cell in cells.items() if cell}))
    return tuple(row for row in rows if any(_used(cell) for cell in row.cells.values()))


def _cell_of(scores: Scores, pick: Callable[[SchemeScores], Mapping[str, Score]], key: str) -> Cell | None:
    return _cell(scores, lambda scheme: pick(scheme).get(key))


def _used(cell: Cell) -> bool:
    return bool(cell.strict.gold or cell.strict.predicted)


def _cell(scores: Scores | None, pick: Callable[[SchemeScores], Score | None]) -> Cell | None:
    if scores is None:
        return None
    schemes: Sequence[Mode] = ("strict", "boundary", "overlap")
    found = [pick(scores.schemes[mode]) for mode in schemes]
    strict, boundary, overlap = (score or Score(0, 0, 0) for score in found)
    return Cell(strict, boundary, overlap) if any(found) else None


def _row(name: str, cells: Mapping[str, Cell]) -> Row:
    """The row, with the highest strict F1 marked where there are several models to compare."""
    best = max((cell.strict.f1 or 0.0 for cell in cells.values()), default=0.0)
    marked = {
        model: Cell(cell.strict, cell.boundary, cell.overlap, _is_highest(cell, best, cells.values()))
        for model, cell in cells.items()
    }
    return Row(name, max((cell.strict.gold for cell in cells.values()), default=0), marked)


def _is_highest(cell: Cell, best: float, others: Iterable[Cell]) -> bool:
    return best > 0 and cell.strict.f1 == best and len(list(others)) > 1
