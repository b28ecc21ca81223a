"""Pairs of symbols that stand around mentions, and a string taken apart at them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from bioner.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Symbols:
    """What stands before and after a mention.

    Raises:
        ConfigError: one of them is empty, begins or ends with a blank, or is a part of the other.
    """

    opening: str = "["
    closing: str = "]"

    def __post_init__(self) -> None:
        pair = (self.opening, self.closing)
        if any(not symbol or symbol != symbol.strip() for symbol in pair) or pair[0] in pair[1] or pair[1] in pair[0]:
            mend = "choose two symbols without blanks at their ends, neither of them a part of the other"
            raise ConfigError(f"{self.opening!r} and {self.closing!r} cannot be told apart", mend=mend)

    def pattern(self) -> re.Pattern[str]:
        """Finds either."""
        return re.compile(f"({re.escape(self.opening)})|{re.escape(self.closing)}")


BRACKETS = Symbols()


class Symbol(NamedTuple):
    """A symbol in a string: whether it opens, how many other characters precede it, and where it stands."""

    opens: bool
    at: int
    start: int
    end: int


class Scan(NamedTuple):
    """A string without its symbols, and the symbols in order."""

    bare: str
    symbols: list[Symbol]


def scan(string: str, symbols: Symbols = BRACKETS) -> Scan:
    """Take a string apart."""
    found: list[Symbol] = []
    parts, reached, bare = [], 0, 0
    for match in symbols.pattern().finditer(string):
        parts.append(string[reached : match.start()])
        bare += match.start() - reached
        found.append(Symbol(bool(match[1]), bare, match.start(), match.end()))
        reached = match.end()
    return Scan("".join((*parts, string[reached:])), found)
