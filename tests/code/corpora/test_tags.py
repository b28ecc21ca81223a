"""Tests of the tag schemes: one rule reads them all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.corpora.tags import Entity, column, entities, parse

LABELS = ("DNA", "cell-type", "cell_line", "病")
SCHEMES = {"IOB2": "BBII", "IOBES": "SBIE", "BMES": "SBME", "BILOU": "UBIL"}  # of one token; first, inner, last of more


def _read(cells: list[str], notes: list[tuple[int, str, bool]] | None = None) -> list[Entity]:
    def note(index: int, what: str, mendable: bool) -> None:
        assert notes is not None, what
        notes.append((index, what, mendable))

    return entities(cells, note)


def _tags(extents: list[Entity], length: int, scheme: str, joint: str) -> list[str]:
    one, first, inner, last = list(scheme)
    tags = ["O"] * length
    for begin, end, label in extents:
        for index in range(begin, end + 1):
            letter = one if begin == end else first if index == begin else last if index == end else inner
            tags[index] = f"{letter}{joint}{label}"
    return tags


@st.composite
def flat(draw: st.DrawFn) -> tuple[list[Entity], int]:
    """Entities that do not overlap, and the number of tokens."""
    found: list[Entity] = []
    length = 0
    for width, label in draw(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([None, *LABELS])), max_size=8)):
        if label is not None:
            found.append((length, length + width - 1, label))
        length += width
    return found, length


@pytest.mark.parametrize("scheme", SCHEMES)
@given(case=flat(), joint=st.sampled_from("-_"))
def test_every_scheme_gives_the_entities_it_was_written_from(
    scheme: str, case: tuple[list[Entity], int], joint: str
) -> None:
    extents, length = case
    assert _read(_tags(extents, length, SCHEMES[scheme], joint)) == extents


@given(flat())
def test_a_column_that_is_written_is_read_as_it_was(case: tuple[list[Entity], int]) -> None:
    extents, length = case
    cells = column(extents, length)
    assert len(cells) == length
    assert _read(cells) == extents


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("B-x I-x|B-y E-y", [(0, 1, "x"), (1, 2, "y")]),
        ("B-x|B-y I-x|I-y I-x", [(0, 2, "x"), (0, 1, "y")]),
        ("B-x I-x|B-x I-x|I-x I-x", [(0, 3, "x"), (1, 2, "x")]),
        ("B-x|O O|O S-x|U-y", [(0, 0, "x"), (2, 2, "x"), (2, 2, "y")]),
        ("B-x B-x S-x I-y", [(0, 0, "x"), (1, 1, "x"), (2, 2, "x"), (3, 3, "y")]),
        ("B I O S", [(0, 1, "entity"), (3, 3, "entity")]),
        ("B-x E-x B_x L_x", [(0, 1, "x"), (2, 3, "x")]),
        ("B-I-x I-I-x", [(0, 1, "I-x")]),
    ],
)
def test_nested_and_adjacent_entities(cells: str, expected: list[Entity]) -> None:
    assert _read(cells.split(), []) == expected


@pytest.mark.parametrize("cells", ["O I-x", "B-y I-x", "S-x I-x", "E-x", "B-x O L-x", "B-x|B-y M-y|M-z"])
def test_what_goes_on_with_nothing_is_told_and_begins_an_entity(cells: str) -> None:
    notes: list[tuple[int, str, bool]] = []
    found = _read(cells.split(), notes)
    ((index, what, mendable),) = notes
    assert "does not follow an entity" in what
    assert mendable
    assert index in {first for first, _, _ in found}


@pytest.mark.parametrize("cell", ["", "o", "X-x", "B-", "B:x", "Bx", "-x", "B-x|", "|", "b-x"])
def test_what_is_no_tag_is_told(cell: str) -> None:
    assert parse(cell) is None
    notes: list[tuple[int, str, bool]] = []
    _read(["O", cell], notes)
    assert notes == [(1, f"{cell!r} is no tag", False)]
