"""A text with square brackets around its mentions, and back to their offsets in the text without them.

The text may have square brackets of its own. In a line whose brackets are balanced, those of the text are told from
those around mentions by their partners: a pair is the text's own, if it encloses what a pair of the text does; of two
that enclose the same, the outer one is the text's own. In another line, a bracket that stands next in the text is its.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from bioner.documents import Fragment

_BRACKET = re.compile(r"[\[\]]")

IsMark = Callable[[int, int], bool]  # of a place in the line and the place reached in the text


def without(line: str) -> str:
    """The line without any square bracket."""
    return _BRACKET.sub("", line)


def encode(text: str, extents: Iterable[Fragment]) -> str:
    """The text with brackets around extents, which may nest and repeat but not cross."""
    opened: Counter[int] = Counter()
    closed: Counter[int] = Counter()
    for start, end in extents:
        opened[start] += 1
        closed[end] += 1
    parts, reached = [], 0
    for place in sorted({*opened, *closed}):
        parts += [text[reached:place], "]" * closed[place], "[" * opened[place]]
        reached = place
    return "".join((*parts, text[reached:]))


def decode(line: str, text: str) -> list[Fragment] | None:
    """The extents of the mentions, outer before inner; `None` if the line is not the text with brackets added."""
    if without(line) != without(text):
        return None
    marks = _marks(line, text)
    found = None if marks is None else _walk(line, text, lambda place, _: place in marks)
    return found if found is not None else _walk(line, text, lambda place, at: text[at : at + 1] != line[place])


def _marks(line: str, text: str) -> set[int] | None:
    """The places of the brackets around mentions, told by partners."""
    own, found = _pairs(text), _pairs(line)
    if own is None or found is None:
        return None
    marks: set[int] = set()
    for enclosed, pairs in found.items():
        for pair in sorted(pairs)[len(own.get(enclosed, ())) :]:
            marks.update(pair)
    return marks


def _pairs(line: str) -> dict[Fragment, list[tuple[int, int]]] | None:
    """The places of each pair of brackets, by what it encloses of the line without brackets; `None` if unbalanced."""
    pairs: dict[Fragment, list[tuple[int, int]]] = defaultdict(list)
    opened: list[int] = []
    begun: list[int] = []
    for count, match in enumerate(_BRACKET.finditer(line)):
        bare = match.start() - count
        if match[0] == "[":
            opened.append(match.start())
            begun.append(bare)
        elif opened:
            pairs[begun.pop(), bare].append((opened.pop(), match.start()))
        else:
            return None
    return None if opened else pairs


def _walk(line: str, text: str, is_mark: IsMark) -> list[Fragment] | None:
    """The extents between the marks; `None` if they are not balanced, or the rest of the line is not the text."""
    found: list[Fragment] = []
    opened: list[int] = []
    at = reached = 0
    for match in _BRACKET.finditer(line):
        at += match.start() - reached
        reached = match.start()
        if not is_mark(reached, at):
            if text[at : at + 1] != match[0]:
                return None
            at += 1
        elif match[0] == "[":
            opened.append(at)
        elif opened and opened[-1] < at:
            found.append((opened.pop(), at))
        else:
            return None
        reached += 1
    at += len(line) - reached
    return None if opened or at != len(text) else sorted(found, key=lambda extent: (extent[0], -extent[1]))
