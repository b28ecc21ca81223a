"""Which format of lines a text file has: PubTator, tag columns, CMeEE, a table, or one text a line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from bioner.corpora.head import Finding, Head, longest_column

_TITLE = re.compile(r"[^|\t]+\|t\|")
_CMEEE = re.compile(r"\|\|\|\d+\s+\d+\s+\w+(?=\|\|\||$)")
_TAG = re.compile(r"O|[BIESLUM][-_]\S+")
_MOST = 0.9  # of the lines of a file may be as they should, and the others wrong
_DOCSTART = "-DOCSTART-"
_PATENT_ID = {"patent_id", "publication_number"}
_PATENT_TEXT = {"title", "patent_title", "abstract", "patent_abstract", "description", "description_text"}


def find(head: Head) -> Finding:
    """The format; plain text if it is no other."""
    lines = [line for line in head.lines if line.strip()]
    return _pubtator(lines) or _cmeee(lines) or _columns(lines) or _table(head, lines) or _text(lines)


def _pubtator(lines: Sequence[str]) -> Finding | None:
    if not _TITLE.match(lines[0]):
        return None
    return Finding("pubtator", "the first line is a PubTator title (PMID|t|...)")


def _cmeee(lines: Sequence[str]) -> Finding | None:
    annotated = sum(bool(_CMEEE.search(line)) for line in lines)
    if not annotated:
        return None
    return Finding("cmeee_v1", f"{annotated:,} of the first {len(lines):,} lines hold annotations `|||start end type`")


def _columns(lines: Sequence[str]) -> Finding | None:
    """Token and tags: how many of the columns from the right hold tags."""
    tokens = [line for line in lines if not line.startswith(_DOCSTART)]
    separator = "\t" if tokens and "\t" in tokens[0] else None
    rows = [line.split(separator) for line in tokens]
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    whole = [row for row in rows if len(row) == width]
    if width < 2 or len(whole) < _MOST * len(rows):
        return None
    tagged = 0
    while tagged < width - 1 and _mostly_tags([row[-1 - tagged] for row in whole]):
        tagged += 1
    if not tagged:
        return None
    what = "one column of tags" if tagged == 1 else f"{tagged} columns of tags"
    between = "a tab" if separator else "blanks"
    others = () if tagged in (1, width - 1) else ("conll",)
    why = f"its lines are a token and {what} (O, B-x, ...), separated by {between}"
    return Finding("conll" if tagged == 1 else "conll_layers", why, others=others)


def _mostly_tags(cells: Sequence[str]) -> bool:
    return sum(bool(_TAG.fullmatch(cell.strip())) for cell in cells) >= _MOST * len(cells)


def _table(head: Head, lines: Sequence[str]) -> Finding | None:
    suffix = head.path.suffix.lower()
    tabs = {line.count("\t") for line in lines}
    if suffix == ".tsv" or (len(tabs) == 1 and min(tabs) > 0):
        return _of_rows("tsv", [line.split("\t") for line in lines], "tab")
    rows = _csv(head)
    even = len({len(row) for row in rows}) == 1 and len(rows) > 1
    named = even and len(rows[0]) > 1 and _is_header(rows, len(rows[0]) - 1)
    if suffix == ".csv" or (named and len(rows) > 2 and head.text.count('"') > 1):
        names = set(rows[0]) if rows else set()
        if names & _PATENT_ID and names & _PATENT_TEXT:
            return Finding("patents", "its first row names the columns of a table of patents", others=("csv",))
        return _of_rows("csv", rows, "comma")
    return None


def _csv(head: Head) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader((line + "\n" for line in head.lines), strict=True):
            rows.append(row)
    except csv.Error:
        pass  # a quoted field that is cut at the end of the head, or no CSV: what was read so far tells
    return [row for row in rows if any(field.strip() for field in row)]


def _of_rows(form: str, rows: Sequence[Sequence[str]], separator: str) -> Finding | None:
    width = min((len(row) for row in rows), default=0)
    columns = {str(index): [row[index] for row in rows[1:] or rows] for index in range(width)}
    longest = longest_column(columns)
    if longest is None:
        return None
    index = int(longest)
    column = rows[0][index] if _is_header(rows, index) else index + 1
    why = (
        f"its lines have {len(rows[0])} columns, separated by a {separator}; the longest texts are in column {column!r}"
    )
    return Finding(form, why, column, others=("text",))


def _is_header(rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether the first row seems to hold names: all different, short, none a number, none like the texts below."""
    names = [name.strip() for name in rows[0]]
    below = [len(row[index]) for row in rows[1:] if len(row) > index]
    return (
        len(below) > 0
        and len(set(names)) == len(names)
        and all(name and len(name) <= 40 and not name[0].isdigit() for name in names)
        and 2 * len(names[index]) < sum(below) / len(below)
    )


def _text(lines: Sequence[str]) -> Finding:
    others = ("tsv",) if any("\t" in line for line in lines) else ()
    return Finding("text", "it is text without marks of any other format: one document a line", others=others)
