"""Characters: how many of each text are special, letters, capitals; all texts are looked up at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from bioner.curation.ragged import Flags, Ints

_LISTED = 0x20000  # code points that are looked up; those above are Chinese characters
_CHINESE = 0x4E00


class Characters:
    """The characters of some texts, joined."""

    def __init__(self, texts: Sequence[str]) -> None:
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        self._codes = np.where(codes < _LISTED, codes, _CHINESE)
        self._offsets = np.cumsum([0, *map(len, texts)])

    def special(self) -> Ints:
        """How many are neither letters, digits nor blanks."""
        return self._count(_listed("special"))

    def visible(self) -> Ints:
        """How many are no blanks."""
        return self._count(_listed("visible"))

    def letters(self) -> Ints:
        """How many are letters, Chinese characters among them."""
        return self._count(_listed("letter"))

    def capitals(self) -> Ints:
        """How many are capital letters."""
        return self._count(_listed("capital"))

    def _count(self, listed: Flags) -> Ints:
        sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(listed[self._codes], dtype=np.int64)))
        return np.asarray(sums[self._offsets[1:]] - sums[self._offsets[:-1]])


@cache
def _listed(kind: str) -> npt.NDArray[np.bool_]:
    """For each code point whether it is of a kind."""
    tests = {
        "special": lambda character: not (character.isalnum() or character.isspace()),
        "visible": lambda character: not character.isspace(),
        "letter": str.isalpha,
        "capital": str.isupper,
    }
    return np.fromiter(map(tests[kind], map(chr, range(_LISTED))), np.bool_, _LISTED)
