"""Markdown out of values that anybody may have written: they are shown as they are, and mean nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

MISSING = "not recorded"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#!|~&$^@])")  # CommonMark takes a backslash before any of them
_LEADING = re.compile(r"^([-+=]|\d+(?=[.)]))")  # which begin a list or underline a heading
_LONGEST = 500  # characters of one value


def plain(value: object) -> str:
    """A value on one line, without characters that are not seen (controls, reversals of direction)."""
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(value))
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def shown(value: object) -> str:
    """A value within a line or a cell of a table: no character of it is Markdown, HTML or a link in disguise."""
    return _LEADING.sub(_guarded, _SPECIAL.sub(r"\\\1", plain(value))) or MISSING


def _guarded(found: re.Match[str]) -> str:
    mark = found[0]
    return f"{mark}\\" if mark.isdecimal() else f"\\{mark}"


def number(value: float | None, digits: int = 3) -> str:
    """A figure, or what is shown where there is none."""
    return MISSING if value is None else f"{value:.{digits}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table; cells that are not ours have to go through `shown` before."""
    lines = [f"| {' | '.join(map(str, cells))} |" for cells in (head, ["---"] * len(head), *rows)]
    return [*lines, ""]


def listed(items: Iterable[str]) -> list[str]:
    """The lines of a list."""
    return [*(f"- {item}" for item in items), ""]
