"""Lines of standoff annotation: `T1`, a label with offsets and the mention, separated by tabs; others are no entities.

Offsets count characters of the text from 0, end exclusive; `;` separates the fragments of a discontinuous mention.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bioner.corpora.losses import LABEL
from bioner.corpora.reading import Touched
from bioner.documents import Span
from bioner.errors import DataError

ENTITY = "T"
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "R": "relation",
        "E": "event",
        "A": "attribute",
        "M": "modification",
        "N": "normalisation",
        "#": "note",
        "*": "equivalence",
    }
)
"""The first character of a line that is no entity -> what the line is."""

_EXTENT = "[0-9]{1,15} [0-9]{1,15}"  # longer numbers are no offsets, and Python does not parse all of them
_LINE = re.compile(rf"T\S*\t(\S+) ({_EXTENT}(?:;{_EXTENT})*)\t(.*)", re.DOTALL)
_BAD_LABEL = re.compile(r"[\s\0]")
_BLANK = re.compile(r"\s")
_SHOWN = 80  # characters of a mention in an error


def kind(line: str, where: str) -> str:
    """What a line that is no entity is.

    Raises:
        DataError: it is nothing that is known.
    """
    if line[:1] not in KINDS:
        mend = f"begin the line with {ENTITY} or one of {' '.join(KINDS)}, or remove it"
        raise DataError(f"{_shown(line)} is not an annotation", where=where, mend=mend)
    return KINDS[line[0]]


def entity(line: str, text: str, where: str, noticed: list[Touched]) -> Span:
    """The span of an entity line.

    Args:
        noticed: see `check_mention`.

    Raises:
        DataError: the line is malformed, or its mention is not what stands at its offsets.
    """
    match = _LINE.fullmatch(line)
    if not match:
        mend = "write T1, then label, start and end separated by blanks, then the mention; a tab before and after"
        raise DataError(f"{_shown(line)} is not an entity", where=where, mend=mend)
    pairs = [extent.split(" ") for extent in match[2].split(";")]
    span = Span(tuple(sorted((int(start), int(end)) for start, end in pairs)), match[1])
    check_mention(span, text, match[3], where, noticed)
    return span


def check_mention(span: Span, text: str, mention: str, where: str, noticed: list[Touched]) -> None:
    """Check that a mention stands at its offsets; which blanks it has, and at its ends whether any, is ignored.

    Args:
        noticed: is added to, if the mention has other blanks than one for each of the text.

    Raises:
        DataError: something else stands there, or nothing can.
    """
    problem = span.problem(len(text))
    found = "" if problem else span.mention(text)
    same = found.split() == mention.split()
    if not span.contiguous:  # what stands between fragments is written in many ways
        same = same or "".join(found.split()) == "".join(mention.split())
    if problem or not same:
        extents = ", ".join(f"[{start}, {end}]" for start, end in span.fragments[:_SHOWN])
        why = problem or f"the text has {_shown(found)}"
        raise DataError(
            f"the mention {_shown(mention)} is not at {extents}: {why}",
            where=where,
            mend="correct the offsets: they count characters from the beginning of the text, from 0",
        )
    if _BLANK.sub(" ", found) != _BLANK.sub(" ", mention):
        what = f"the mention {_shown(mention)} has other blanks than {_shown(found)}, which stands at its offsets"
        noticed.append(Touched(where, what, "took the offsets"))


def entity_lines(spans: Iterable[Span], text: str, lost: Counter[str]) -> str:
    """The lines of spans, but those whose label has a blank or NUL in it, which are counted.

    Args:
        lost: is added to.
    """
    lines: list[str] = []
    for span in spans:
        if _BAD_LABEL.search(span.label):
            lost[LABEL] += 1
            continue
        extents = ";".join(f"{start} {end}" for start, end in span.fragments)
        mention = _BLANK.sub(" ", span.mention(text))
        lines.append(f"{ENTITY}{len(lines) + 1}\t{span.label} {extents}\t{mention}\n")
    return "".join(lines)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
