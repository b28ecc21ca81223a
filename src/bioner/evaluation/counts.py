"""Counts of every document in every cell (all, per type, per language, per shape): what all scores are sums of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bioner.documents import Document
from bioner.evaluation.facets import Facet
from bioner.evaluation.mentions import SHAPES, Case, Mention, Shape
from bioner.evaluation.schemes import MATCHERS, SCHEMES, Mode

Ints = NDArray[np.int64]
Cell = tuple[str, str]  # ("micro", ""), ("types", label), ("languages", code), ("shapes", shape) or (facet, group)
Side = tuple[str, Sequence[Mention], Sequence[Shape]]  # of one document: its text, mentions and their shapes
MICRO: Cell = ("micro", "")
GOLD, PREDICTED, RIGHT = range(3)


def cases(pairs: Iterable[tuple[Document, Document]], mode: Mode) -> list[Case]:
    """The documents as a scheme takes them: sorted and without duplicates, or as given for `overlap_greedy`."""
    form = Case.distinct if mode in SCHEMES else Case.as_given
    return [form(gold, predicted) for gold, predicted in pairs]


def cells_of(documents: Sequence[Case], facets: Sequence[Facet] = ()) -> list[Cell]:
    """Every cell that the documents can fill, in a fixed order."""
    labels = {mention.label for case in documents for mention in chain(case.gold, case.predicted)}
    return [
        MICRO,
        *(("types", label) for label in sorted(labels)),
        *(("languages", language) for language in sorted({case.language for case in documents})),
        *(("shapes", shape) for shape in SHAPES),
        *((facet.name, group) for facet in facets for group in facet.groups),
    ]


def tally(documents: Sequence[Case], cells: Sequence[Cell], mode: Mode, facets: Sequence[Facet] = ()) -> Ints:
    """Count gold mentions, predictions and right predictions, for each document and cell.

    A gold mention counts under its own type, shape and facets. A right prediction counts under those of the gold
    mention it answers, a wrong one under its own (its shape among the predictions): precision and recall of a cell then
    share one number of right ones. The types of the two differ in the scheme `boundary` only.

    Returns:
        Shape (documents, cells, 3); the last axis is indexed by GOLD, PREDICTED and RIGHT.
    """
    index = {cell: number for number, cell in enumerate(cells)}
    gold = _places(((case.text, case.gold, case.gold_shapes) for case in documents), index, facets)
    predicted = _places(((case.text, case.predicted, case.predicted_shapes) for case in documents), index, facets)
    answered, right = _pairs(documents, mode)
    predicted[right, 1:] = gold[answered, 1:]
    languages = np.array([index["languages", case.language] for case in documents])
    parts = (gold, predicted, predicted[right])
    return np.stack([_count(part, languages, len(cells)) for part in parts], axis=-1)


def _places(sides: Iterable[Side], index: Mapping[Cell, int], facets: Sequence[Facet]) -> Ints:
    """For each mention of all documents: its document, and the cells of its type, its shape and its facets."""
    rows = [
        (
            row,
            index["types", mention.label],
            index["shapes", shape],
            *(index[facet.name, facet.group(text, mention)] for facet in facets),
        )
        for row, (text, mentions, shapes) in enumerate(sides)
        for mention, shape in zip(mentions, shapes, strict=True)
    ]
    return np.array(rows, dtype=np.int64).reshape(len(rows), 3 + len(facets))


def _pairs(documents: Sequence[Case], mode: Mode) -> tuple[Ints, Ints]:
    """The right pairs, numbered through over all documents: gold mentions, and predictions that answer them."""
    pairs: list[tuple[int, int]] = []
    before = after = 0
    for case in documents:
        pairs.extend((before + i, after + j) for i, j in MATCHERS[mode](case))
        before, after = before + len(case.gold), after + len(case.predicted)
    both = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    return both[:, 0], both[:, 1]


def _count(places: Ints, languages: Ints, cells: int) -> Ints:
    """Places as of `_places`, and the language cell of each document -> counts, shape (documents, cells)."""
    documents = len(languages)
    flat = (places[:, :1] * cells + places[:, 1:]).ravel()
    counts = np.bincount(flat, minlength=documents * cells).reshape(documents, cells)
    counts[:, 0] = np.bincount(places[:, 0], minlength=documents)
    counts[np.arange(documents), languages] = counts[:, 0]
    return counts


def tally_micro(documents: Sequence[Case], mode: Mode) -> Ints:
    """Count over all types and shapes, for each document: shape (documents, 3), as in `tally`."""
    match = MATCHERS[mode]
    rows = [(len(case.gold), len(case.predicted), len(match(case))) for case in documents]
    return np.array(rows, dtype=np.int64).reshape(len(rows), 3)
