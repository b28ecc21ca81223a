"""Seen: which strings were met before, at some 16 to 32 bytes each; a set of the strings takes two hundred."""

from __future__ import annotations

from array import array

_SMALLEST = 1 << 10  # slots


class Seen:
    """The hashes of strings in one flat table (open addressing, linear probing, at most half full)."""

    def __init__(self) -> None:
        self._slots = _empty(_SMALLEST)
        self._count = 0

    def add(self, value: str) -> bool:
        """Note a string, and say whether one with its hash was noted before.

        That was nearly always the same string: of a million, two others share 64 bits once in forty million times.
        """
        mark = hash(value) or 1  # 0 is an empty slot
        place = _place(self._slots, mark)
        if self._slots[place]:
            return True
        self._slots[place] = mark
        self._count += 1
        if 2 * self._count > len(self._slots):
            self._grow()
        return False

    def _grow(self) -> None:
        larger = _empty(2 * len(self._slots))
        for mark in filter(None, self._slots):
            larger[_place(larger, mark)] = mark
        self._slots = larger


def _empty(slots: int) -> array[int]:
    return array("q", bytes(8 * slots))


def _place(slots: array[int], mark: int) -> int:
    """The slot that holds a mark, or the empty one where it belongs."""
    last = len(slots) - 1
    place = mark & last
    while slots[place] and slots[place] != mark:
        place = (place + 1) & last
    return place
