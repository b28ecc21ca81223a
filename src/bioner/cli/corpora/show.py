"""How the verbs of `bioner corpora` show documents, counts and records that were touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.corpora.reading import Touched
from bioner.documents import Document

_SHOWN = 10  # touched records that are printed; --json has them all
_CUT = 400  # characters of an example
_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red", "bright_cyan", "bright_magenta", "bright_green")
_CONTROL = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\ufffd")  # would steer the terminal


def colours_of(labels: Iterable[str]) -> dict[str, str]:
    """A colour for each label, in their order."""
    return {label: _COLOURS[number % len(_COLOURS)] for number, label in enumerate(labels)}


def plain(text: str) -> str:
    """The text without characters that would steer the terminal."""
    return text.translate(_CONTROL)


def marked(document: Document, colours: Mapping[str, str]) -> Text:
    """The beginning of a text with its entities in colour; of nested ones the inner are underlined."""
    text = Text(plain(document.text[:_CUT]) + ("..." if len(document.text) > _CUT else ""))
    widest = -1
    for span in sorted(document.spans, key=lambda span: (span.start, -span.end)):
        inner = span.end <= widest
        widest = max(widest, span.end)
        for start, end in span.fragments:
            if end <= _CUT:
                text.stylize(f"bold {colours[span.label]}{' underline' if inner else ''}", start, end)
    return text


def counts(title: str, rows: Mapping[str, int], colours: Mapping[str, str] | None = None) -> Table:
    """A table of names and how many there are."""
    table = Table(title, "", box=None, title_justify="left")
    for name, count in rows.items():
        table.add_row(Text(plain(name), (colours or {}).get(name, "")), f"{count:,}")
    return table


def touched_records(touched: Sequence[Touched]) -> list[dict[str, Any]]:
    """All touched records, for --json."""
    return [asdict(item) for item in touched]


def print_touched(out: Console, touched: Sequence[Touched]) -> None:
    """How many records were touched and what was done, then the first of them."""
    if not touched:
        return
    done = ", ".join(f"{what} ({count:,})" for what, count in Counter(item.done for item in touched).most_common())
    out.print(Text(f"touched: {len(touched):,} records or parts of them: {plain(done)}", "yellow"))
    for item in touched[:_SHOWN]:
        out.print(Text(plain(f"  {item.where}: {item.what}: {item.done}")), soft_wrap=True)
    if len(touched) > _SHOWN:
        out.print(f"  ... and {len(touched) - _SHOWN:,} more, all with --json", highlight=False)
