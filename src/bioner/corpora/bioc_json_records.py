"""The documents inside a BioC JSON file, found one after another, so that a collection of any size takes little memory.

They are found by their braces: a malformed one is one wrong record, and the next one is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bioner.corpora.lines import read_lines
from bioner.corpora.reading import Line, Reading
from bioner.errors import DataError

_LONGEST = 1 << 26  # characters of a document
_COLLECTION = re.compile(r'"documents"\s*:\s*\[')
_TOKEN = re.compile(rf'{_COLLECTION.pattern}|"(?:[^"\\]++|\\.)*+"?|[{{}}\[\]]|[^\s,"{{}}\[\]]++')
_DEEPEST = 100  # collections and lists around a document


class Found(NamedTuple):
    """The text of a document, the line where it begins, and why it cannot be read, if so."""

    line: int
    text: str
    problem: DataError | None = None


def find_records(reading: Reading) -> Iterator[Found]:
    """The documents of a file: of one collection, of several, or alone; something else between them counts as one.

    Raises:
        DataError: the file cannot be read, or one of its lines cannot and defects are not to be skipped or repaired.
    """
    scanner, last = _Scanner(), 0
    for line in read_lines(reading):
        last = line.number
        yield from scanner.feed(line)
        if scanner.size > _LONGEST:
            mend = "split the file"
            raise DataError(f"a document is longer than {_LONGEST:,} characters", where=reading.at(last), mend=mend)
    if scanner.unfinished:
        problem = DataError("the file is cut off", where=reading.at(last), mend="fetch the file again")
        yield Found(last, "", problem)


class _Scanner:
    """What is open at the end of a line: a document, and the collections and lists around it."""

    def __init__(self) -> None:
        self._around: list[str] = []  # of documents: `{` of their collection, `[` of a list
        self._nested = 0  # braces and brackets in a collection, after its documents
        self._open = 0  # braces of the document
        self._parts: list[str] = []
        self._begin = 0
        self._problem: DataError | None = None  # of a line that the document has a part of
        self._refused = 0  # the line that something else was last found in
        self.size = 0

    @property
    def unfinished(self) -> bool:
        """Whether something is open."""
        return bool(self._open or self._around)

    def feed(self, line: Line) -> Iterator[Found]:
        """The documents that end in a line; if the line cannot be read, neither can those that have a part of it."""
        self._problem = self._problem or line.problem
        start, told = 0, line.problem is None
        for token in _TOKEN.finditer(line.text):
            if not self._open and token[0] == "{" and self._around[-1:] != ["{"]:
                self._open, self._begin, start = 1, line.number, token.start()
            elif not self._open:
                if not self._step(token[0]) and self._refused != line.number:
                    self._refused, told = line.number, True  # one a line is enough
                    yield Found(line.number, token[0], line.problem)
            elif self._open == 1 and _COLLECTION.fullmatch(token[0]):
                self._around += ["{", "["]  # what was taken for a document is a collection
                self._close(line)
            else:
                self._open += (token[0] == "{") - (token[0] == "}")
                if not self._open:
                    told = True
                    text = "\n".join([*self._parts, line.text[start : token.end()]])
                    yield Found(self._begin, text, self._problem)
                    self._close(line)
        if self._open:
            self._parts.append(line.text[start:])
            self.size += len(line.text) - start
        else:
            self._problem = None
            if not told:
                yield Found(line.number, line.text, line.problem)

    def _step(self, mark: str) -> bool:
        """Whether something may stand outside documents: brackets of lists of them, and what else a collection has."""
        top = "".join(self._around[-1:])
        if top == "{" and (self._nested or mark != "}"):
            nested = self._nested + (mark in ("{", "[")) - (mark in ("}", "]"))
            self._nested = max(nested, 0)
            return nested >= 0
        if mark == "[" and len(self._around) < _DEEPEST:
            self._around.append(mark)
            return True
        return top + mark in ("{}", "[]") and bool(self._around.pop())

    def _close(self, line: Line) -> None:
        self._open, self._parts, self.size, self._problem = 0, [], 0, line.problem
