"""`bioner corpora list`: the corpora of the params, their licences, and what they held when they were ingested."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, Profile, print_json
from bioner.corpora.catalogue import Entry


def listing(profile: Profile = None, as_json: AsJson = False) -> None:
    """List the corpora of the project, or of a profile."""
    from bioner.corpora.catalogue import entries
    from bioner.pipeline.workspace import open_workspace

    workspace = open_workspace(Path.cwd(), profile)
    found = entries(workspace.params, workspace.root, workspace.root / "metrics" / "ingest")
    if as_json:
        print_json([entry.to_record() for entry in found])
        return
    table = Table("corpus", "format", "", "split", "documents", "entities", "licence", box=None)
    for entry in found:
        for row in _rows(entry):
            table.add_row(*row)
    Console().print(table)


def _rows(entry: Entry) -> list[list[Text]]:
    head = [entry.name, entry.format, entry.language]
    rows = []
    for split in entry.splits:
        figures = entry.figures.get(split)
        if split in entry.missing:
            counts = [Text("not there", "red"), Text()]
        elif figures is None:
            counts = [Text("not ingested", "dim"), Text()]
        else:
            counts = [Text(f"{figures['documents']:,}"), Text(f"{figures['entities']:,}")]
        licence = Text(entry.licence if head[0] else "", "yellow" if entry.licence == "not stated" else "")
        rows.append([*map(Text, head), Text(split), *counts, licence])
        head = [""] * len(head)
    return rows
