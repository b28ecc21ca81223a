"""What the training data does decides how predictions may overlap; a slip of an annotator does not."""

from __future__ import annotations

from bioner.gliner.overlap import Overlap, overlap_of


def test_nesting_is_noticed_and_touching_is_not() -> None:
    assert overlap_of([[(0, 3, "a"), (2, 3, "b")]]) == Overlap.NESTED
    assert overlap_of([[], [(0, 2, "a"), (1, 3, "a"), (3, 3, "b")]]) == Overlap.NESTED
    assert overlap_of([[(0, 2, "a"), (3, 4, "a")], [(1, 1, "b")]]) == Overlap.FLAT
    assert overlap_of([]) == Overlap.FLAT


def test_extents_with_several_types_are_meant_from_one_in_a_hundred() -> None:
    single = [[(place, place, "a") for place in range(99)]]
    double = [(0, 1, "a"), (0, 1, "b")]
    assert overlap_of([*single, double]) == Overlap.MULTI_LABEL
    assert overlap_of([*single, *single, double]) == Overlap.FLAT
