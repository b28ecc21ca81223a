"""Scores as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bioner.evaluation.bootstrap import Interval
from bioner.evaluation.schemes import Mode
from bioner.evaluation.scores import Score, Scores

_NAMES: dict[Mode, str] = {
    "type_within_overlap": "type within overlap",
    "overlap_greedy": "overlap, greedy (for published tables)",
}
_FACETS = {"lengths": "words", "familiarity": "in training"}
_ERRORS = {"both": "wrong boundary and type"}


def render(scores: Scores) -> RenderableType:
    """All schemes, then the first scheme per type, language, shape and facet, then the errors by kind."""
    mode, first = next(iter(scores.schemes.items()))
    facets = ((_FACETS.get(name, name), groups) for name, groups in first.facets.items())
    groups = (("type", first.types), ("language", first.languages), ("shape", first.shapes), *facets)
    tables = [_schemes(scores)]
    tables += [_cells(cells, f"{name} ({_name(mode)})", _interval_name(scores)) for name, cells in groups]
    lines: Iterator[RenderableType] = chain.from_iterable((table, Text()) for table in tables)
    return Group(*lines, Text(", ".join(_remarks(scores))))


def _schemes(scores: Scores) -> Table:
    table = _table("scheme", _interval_name(scores), "macro F1")
    for mode, scheme in scores.schemes.items():
        table.add_row(_name(mode), *_row(scheme.micro), number(scheme.macro.f1))
    return table


def _cells(cells: Mapping[str, Score], name: str, interval: str) -> Table:
    table = _table(name, interval)
    for key, score in cells.items():
        if score.f1 is not None:
            table.add_row(Text(key), *_row(score))
    return table


def _table(*columns: str) -> Table:
    name, interval, *more = columns
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column(name, min_width=22)
    for column in ("gold", "predicted", "right", "precision", "recall", "F1", interval, *more):
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _row(score: Score) -> Iterator[str]:
    yield from (str(score.gold), str(score.predicted), str(score.right))
    yield from (number(score.precision), number(score.recall), number(score.f1))
    yield ends(score.interval)


def _remarks(scores: Scores) -> Iterator[str]:
    yield f"{scores.documents} documents"
    yield from (f"{count} {_ERRORS.get(kind, kind)}" for kind, count in scores.errors.items())
    for side, count in (("gold", scores.duplicates.gold), ("predicted", scores.duplicates.predicted)):
        if count:
            yield f"{count} repeated {side} spans counted once"


def _name(mode: Mode) -> str:
    return _NAMES.get(mode, mode)


def _interval_name(scores: Scores) -> str:
    return f"{scores.confidence:.0%} interval"


def number(value: float | None) -> str:
    """A score as shown; a dash where it is not defined."""
    return "–" if value is None else f"{value:.3f}"


def ends(interval: Interval | None) -> str:
    """An interval as shown; a dash where there is none."""
    return "–" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
