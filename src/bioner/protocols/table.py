"""The figures of a protocol as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text


def render(name: str, record: Mapping[str, Any]) -> RenderableType:
    """The rows, then the gains, then how the intervals are to be read.

    Args:
        record: what the metrics file of the protocol holds.
    """
    share = f"{record['confidence']:.0%}"
    title = f"{name}: {record['kind']}, {', '.join(record['corpora'])}, {record['documents']} documents"
    parts: list[RenderableType] = [Text(title), Text(f"types: {', '.join(record['types'])}")]
    for mode in ("strict", "overlap"):
        parts += [Text(), _table(mode, "F1", record["results"])]
        if record["gains"]:
            parts += [Text(), _table(mode, "gain", record["gains"])]
    note = f"Means over seeds; {share} intervals: Student's t over seeds, bootstrap over documents of the median seed."
    return Group(*parts, Text(), Text(note))


def _table(mode: str, figure: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("arm" if figure == "F1" else "difference", min_width=30)
    for column in ("seeds", f"{mode} {figure}", "over seeds", "over documents"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in rows.items():
        intervals = (_ends(row, f"{mode} {figure} seeds"), _ends(row, f"{mode} documents"))
        table.add_row(Text(name), str(row["seeds"]), f"{row[f'{mode} {figure}']:.3f}", *intervals)
    return table


def _ends(row: Mapping[str, Any], name: str) -> str:
    low, high = row[f"{name} low"], row[f"{name} high"]
    return "–" if low is None else f"{low:.3f} to {high:.3f}"
