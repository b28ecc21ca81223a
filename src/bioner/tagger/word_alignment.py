"""Alignment of two sequences of words: which word of one is which word of the other, in bounded time and memory.

The alignment keeps the order. It joins as many equal words as it can, in as few unbroken runs as it can: a global
alignment (Needleman & Wunsch 1970) with a price for each gap that is opened (Gotoh 1982) and none for its length.
`difflib` finds neither the most words nor has a bound below the cube of the length. All cells of an antidiagonal are
independent, so that each is one step of numpy.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

CELLS = 1 << 25  # of the table, a byte each: 5,000 words against 6,700
_TIMES, _MORE = 4, 1000  # words of a line that are looked at: so many times those of the source, and so many more

Numbers = NDArray[np.int32]

_MATCH, _RUN = 2, 1  # a word that is joined; the price of each run, so that even a run of one word is worth it
_SKIP_LINE, _SKIP_SOURCE, _JOIN, _GO_ON = 0, 1, 2, 4  # how a cell is reached best; whether a run reaches it
_NEVER = -(1 << 30)


def align(source: Sequence[Hashable], line: Sequence[Hashable]) -> list[int | None]:
    """The number of the source's word that each word of the line is, `None` where it is none of them.

    Of equally good alignments, the one is taken that joins the earliest words. Of a line more than four times as
    long as the source, or so long that the table has more than `CELLS` cells, the end is not looked at.
    """
    joined: list[int | None] = [None] * len(line)
    read = min(len(line), _TIMES * len(source) + _MORE, CELLS // (len(source) + 1) - 1)
    if not source or read <= 0:
        return joined
    steps = _table(*_numbers(source, line[:read]))
    i, j, running = len(source), read, False
    while i and j:
        step = int(steps[i + j][i - max(0, i + j - read)])
        if running or step & 3 == _JOIN:
            i, j, running = i - 1, j - 1, bool(step & _GO_ON)
            joined[j] = i
        elif step & 3 == _SKIP_SOURCE:
            i -= 1
        else:
            j -= 1
    return joined


def _numbers(source: Sequence[Hashable], line: Sequence[Hashable]) -> tuple[Numbers, Numbers]:
    """Equal words as equal numbers."""
    known: dict[Hashable, int] = {}

    def numbered(words: Sequence[Hashable]) -> Numbers:
        return np.array([known.setdefault(word, len(known)) for word in words], dtype=np.int32)

    return numbered(source), numbered(line)


def _table(source: Numbers, line: Numbers) -> list[NDArray[np.uint8]]:
    """How each pair of beginnings is aligned best.

    Returns:
        for each antidiagonal `d` the steps of the cells of `i` words of the source and `d - i` of the line, from the
        smallest `i` on.
    """
    n, m = len(source), len(line)
    turned = line[::-1]  # the word before the j-th is at m - j
    nothing = np.full(n + 1, _NEVER, dtype=np.int32)
    best, best_before = nothing.copy(), nothing  # of the last antidiagonal and of the one before it
    best[0] = 0
    run, run_before = nothing, nothing  # the same, where the last two words are joined
    steps = [np.zeros(1, dtype=np.uint8)]
    for row in range(1, n + m + 1):
        low, high = max(0, row - m), min(n, row)
        first, last = max(low, 1), min(high, row - 1)  # the cells with a word of either
        new_best, new_run, on = nothing.copy(), nothing.copy(), np.zeros(n + 1, dtype=np.uint8)
        if first <= last:
            equal = source[first - 1 : last] == turned[m - row + first : m - row + last + 1]
            begun, going = best_before[first - 1 : last] - _RUN, run_before[first - 1 : last]
            new_run[first : last + 1] = np.where(equal, np.maximum(begun, going) + _MATCH, _NEVER)
            on[first : last + 1] = np.where(going >= begun, _GO_ON, 0)
        skip_line, skip_source = best[low : high + 1], np.concatenate((nothing[:1], best))[low : high + 1]
        skipped, joined = np.maximum(skip_line, skip_source), new_run[low : high + 1]
        new_best[low : high + 1] = np.maximum(skipped, joined)
        skip = np.where(skip_line >= skip_source, _SKIP_LINE, _SKIP_SOURCE)
        steps.append((np.where(joined > skipped, _JOIN, skip) | on[low : high + 1]).astype(np.uint8))
        best, best_before, run, run_before = new_best, best, new_run, run
    return steps
