"""JSON files of many objects, found one after another: JSON Lines, a list, or objects in any layout of lines.

Objects are found by their braces, so that a malformed one is one wrong record, and the next one is read again. Where
the file has an object a line, one that never closes ends with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from bioner.corpora.lines import read_lines
from bioner.corpora.reading import Line, Reading
from bioner.errors import DataError

_LONGEST = 1 << 26  # characters of an object
_TOKEN = re.compile(r'[{}]|"(?:[^"\\]|\\.)*"?')
_BETWEEN = re.compile(r"[\s,\[\]]*")
_FIRST = re.compile(r"(\s*)\[?\{")
_HEAD = 5  # lines that tell the layout


def objects(reading: Reading) -> Iterator[list[Line]]:
    """The lines of each object, for `Reading.each_block`; what stands between objects is a block too, to be refused.

    Raises:
        DataError: the file cannot be read, or an object is longer than 64 Mi characters.
    """
    lines = (line for line in read_lines(reading) if line.problem or line.text.strip())
    head = list(islice(lines, _HEAD))
    if head:
        yield from _blocks(chain(head, lines), reading, by_line=_has_object_a_line(head))


def _has_object_a_line(head: Sequence[Line]) -> bool:
    """Whether a line as far to the left as the first object is one whole object, or more."""
    places = [(match[1], line.text) for line in head if (match := _FIRST.match(line.text))]
    return any(indent == places[0][0] and _Braces().whole(text) for indent, text in places)


def _blocks(lines: Iterator[Line], reading: Reading, *, by_line: bool) -> Iterator[list[Line]]:
    braces, block, size = _Braces(), list[Line](), 0
    number, cut = 0, False
    for number, text, problem in lines:
        size += len(text)
        if size > _LONGEST:
            where = reading.at(block[0].number if block else number)
            raise DataError(f"an object is longer than {_LONGEST:,} characters", where=where, mend="split the file")
        if problem:
            block.append(Line(number, text, problem))
        else:
            for part, complete in braces.split(text):
                block.append(Line(number, part))
                if complete:
                    yield block
                    block, size = [], 0
        if by_line:
            cut = bool(block)
            if block:
                yield block
            braces.close()
            block, size = [], 0
    if block:
        yield block
    elif braces.lists and not cut:
        what = "the list of objects is not closed: the file is cut off" if braces.lists > 0 else "a ] closes no list"
        yield [Line(number, "", DataError(what, where=reading.at(number), mend="fetch the file again"))]


class _Braces:
    """How many braces are open, and how many brackets around the objects."""

    def __init__(self) -> None:
        self._open = 0
        self.lists = 0

    def close(self) -> None:
        """An object that is still open ends here."""
        self._open = 0

    def whole(self, text: str) -> bool:
        """Whether a line holds complete objects, which are not empty, and nothing else."""
        parts = list(self.split(text))
        return bool(parts) and all(complete and part.startswith("{") and part != "{}" for part, complete in parts)

    def split(self, text: str) -> Iterator[tuple[str, bool]]:
        """The parts of a line, and whether a record ends with each; brackets and commas between objects are no part."""
        start = 0
        for token in _TOKEN.finditer(text):
            if token[0] == "{":
                if not self._open:
                    yield from self._between(text[start : token.start()])
                    start = token.start()
                self._open += 1
            elif token[0] == "}" and self._open:
                self._open -= 1
                if not self._open:
                    yield text[start : token.end()], True
                    start = token.end()
        if self._open:
            yield text[start:], False
        else:
            yield from self._between(text[start:])

    def _between(self, text: str) -> Iterator[tuple[str, bool]]:
        """What stands between objects, if it is more than punctuation."""
        if _BETWEEN.fullmatch(text):
            self.lists += text.count("[") - text.count("]")
        else:
            yield text, True
