"""Tags of tokens, in BIO, IOB2, IOBES, BMES or BILOU, and the entities that a column of them stands for.

A tag is `O`, or one of the letters below, `-` or `_`, and the label: `B-x`, `I_x`. A letter alone stands for the label
`entity`. One rule reads all schemes: B, S and U begin an entity; I, M, E and L go on with the one of their label that
reached the token before; E, L, S and U end it. Several tags of a token are joined by `|`. Each label has its own
sequence of tags; the second tag of one label in a cell, if there is one, belongs to a second sequence of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

OUTSIDE = "O"
UNNAMED = "entity"
BOTH = "|"

Entity = tuple[int, int, str]  # index of the first and of the last token, both inclusive, and the label
Tag = tuple[tuple[str, int], bool, bool]  # label and number of the sequence, whether it begins, whether it ends
Note = Callable[[int, str, bool], None]

_ROLES = {
    "B": (True, False),
    "S": (True, True),
    "U": (True, True),
    "I": (False, False),
    "M": (False, False),
    "E": (False, True),
    "L": (False, True),
}


@lru_cache(maxsize=4096)
def parse(cell: str) -> tuple[Tag, ...] | None:
    """The tags of a token other than `O`; `None` if one of them is no tag."""
    found: list[Tag] = []
    times: Counter[str] = Counter()
    for tag in cell.split(BOTH):
        if tag == OUTSIDE:
            continue
        role, label = _ROLES.get(tag[:1]), tag[2:] if len(tag) > 1 else UNNAMED
        if not role or not label or tag[1:2] not in ("", "-", "_"):
            return None
        found.append(((label, times[label]), *role))
        times[label] += 1
    return tuple(found)


def entities(cells: Iterable[str], note: Note) -> list[Entity]:
    """The entities of a column, in the order of their first tokens, outer before inner.

    Args:
        cells: what stands in the column, token by token.
        note: is told the index of a cell that is wrong, what is wrong with it, and whether it can be mended, which is
            so for a tag that goes on with nothing: it then begins an entity. Raises, if it is to be an error.
    """
    found: list[Entity] = []
    begun: dict[tuple[str, int], int] = {}
    index = -1
    for index, cell in enumerate(cells):
        if cell == OUTSIDE and not begun:
            continue
        going: dict[tuple[str, int], int] = {}
        for key, begins, ends in _tags(cell, index, note):
            first = index if begins else begun.pop(key, -1)
            if first < 0:
                note(index, f"the tag {cell!r} does not follow an entity of its label", True)
                first = index
            if ends:
                found.append((first, index, key[0]))
            else:
                going[key] = first
        found += [(first, index - 1, label) for (label, _), first in begun.items()]
        begun = going
    found += [(first, index, label) for (label, _), first in begun.items()]
    return sorted(found, key=lambda entity: (entity[0], -entity[1]))


def _tags(cell: str, index: int, note: Note) -> tuple[Tag, ...]:
    tags = parse(cell)
    if tags is None:
        note(index, f"{cell!r} is no tag", False)
    return tags or ()


def column(extents: Sequence[Entity], length: int) -> list[str]:
    """The IOB2 tags of entities that do not overlap; the inverse of `entities`."""
    tags = [OUTSIDE] * length
    for first, last, label in extents:
        tags[first] = f"B-{label}"
        for index in range(first + 1, last + 1):
            tags[index] = f"I-{label}"
    return tags
