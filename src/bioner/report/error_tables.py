"""Error tables: confusion of types, boundary errors and nested errors as rows and columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioner.evaluation.analysis import Analysis
from bioner.evaluation.boundary_errors import SHIFTS, BoundaryError, Shift
from bioner.evaluation.confusion import Confused
from bioner.evaluation.frequent_errors import FrequentError
from bioner.evaluation.nested_errors import OUTCOMES, Nest, Outcome

MISSED = "not found"
SPURIOUS = "no mention there"

BOUNDARY_COLUMNS = ("part of a word", "1 word", "2 words", "3 words", "4 or more")
_STRETCHES = 3  # the most frequent words shown for each kind of boundary error
_NESTS = 8  # rows of nested types, beside the one of all


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """How often, and as a share of its row from 0 to 1; `right` on the diagonal."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """One type of gold mentions, or what is predicted where there is none."""

    name: str
    cells: tuple[ConfusionCell, ...]


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """Gold types as rows, predicted ones as columns; the last row and column are those without a partner."""

    columns: tuple[str, ...]
    rows: tuple[ConfusionRow, ...]


def confusion_table(counts: Mapping[Confused, int], types: Mapping[str, str]) -> ConfusionTable:
    """The table of all types that occur, in the order of `types` (key -> name), others behind them."""
    present = {label for pair in counts for label in pair if label is not None}
    keys = [key for key in types if key in present] + sorted(present - set(types))
    rows: list[str | None] = [*keys, None]
    return ConfusionTable(
        (*(types.get(key, key) for key in keys), MISSED),
        tuple(_confusion_row(key, rows, counts, SPURIOUS if key is None else types.get(key, key)) for key in rows),
    )


def _confusion_row(
    gold: str | None, columns: Sequence[str | None], counts: Mapping[Confused, int], name: str
) -> ConfusionRow:
    values = [counts.get((gold, column), 0) for column in columns]
    whole = sum(values) or 1
    cells = (
        ConfusionCell(count, count / whole, gold is not None and column == gold)
        for column, count in zip(columns, values, strict=True)
    )
    return ConfusionRow(name, tuple(cells))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that are too many or missing at an end, and how often."""

    words: str
    language: str
    count: int


@dataclass(frozen=True, slots=True)
class BoundaryRow:
    """One way to miss a boundary: how often by how many words (`BOUNDARY_COLUMNS`), and the most frequent words."""

    name: Shift
    counts: tuple[int, ...]
    stretches: tuple[Stretch, ...]

    @property
    def total(self) -> int:
        """How often in all."""
        return sum(self.counts)


def boundary_rows(errors: Sequence[BoundaryError]) -> list[BoundaryRow]:
    """One row for each way to miss a boundary that occurs."""
    rows = []
    for shift in SHIFTS:
        found = [error for error in errors if error.shift == shift]
        sizes = Counter(min(error.words, len(BOUNDARY_COLUMNS) - 1) for error in found)
        words = Counter((error.stretch, error.language) for error in found if error.stretch)
        frequent = sorted(words, key=lambda key: (-words[key], key))[:_STRETCHES]
        stretches = tuple(Stretch(*key, words[key]) for key in frequent)
        rows.append(BoundaryRow(shift, tuple(sizes[n] for n in range(len(BOUNDARY_COLUMNS))), stretches))
    return [row for row in rows if row.total]


@dataclass(frozen=True, slots=True)
class NestedRow:
    """Pairs of nested gold mentions and what became of them; the first row holds all, and names no types."""

    outer: str
    inner: str
    outcomes: Mapping[Outcome, int]

    @property
    def pairs(self) -> int:
        """How many pairs."""
        return sum(self.outcomes.values())


def nested_rows(counts: Mapping[Nest, int], types: Mapping[str, str]) -> list[NestedRow]:
    """All pairs, and then the types with the most of them; empty if nothing is nested."""
    by_types: dict[tuple[str, str], Counter[Outcome]] = {}
    for (outer, inner, outcome), count in counts.items():
        by_types.setdefault((outer, inner), Counter())[outcome] += count
    rows = [
        NestedRow(types.get(outer, outer), types.get(inner, inner), {name: found[name] for name in OUTCOMES})
        for (outer, inner), found in by_types.items()
    ]
    rows.sort(key=lambda row: (-row.pairs, row.outer, row.inner))
    if not rows:
        return []
    whole = NestedRow("", "", {name: sum(row.outcomes[name] for row in rows) for name in OUTCOMES})
    return [whole, *rows[:_NESTS]]


@dataclass(frozen=True, slots=True)
class ErrorTables:
    """What the errors of one model have in common.

    Attributes:
        confusion: gold types against predicted ones.
        boundaries: where boundaries are missed.
        nested: what becomes of nested mentions.
        missed: the words that were missed most often.
        spurious: the words that were found most often where nothing is.
    """

    confusion: ConfusionTable
    boundaries: Sequence[BoundaryRow]
    nested: Sequence[NestedRow]
    missed: Sequence[FrequentError]
    spurious: Sequence[FrequentError]

    @classmethod
    def of(cls, analysis: Analysis, types: Mapping[str, str]) -> ErrorTables:
        """The tables of an analysis; `types` are key -> name."""
        return cls(
            confusion_table(analysis.confusion, types),
            boundary_rows(analysis.boundaries),
            nested_rows(analysis.nested, types),
            analysis.missed,
            analysis.spurious,
        )
