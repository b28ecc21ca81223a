"""`bioner status`: the stages and what DVC thinks of them, a run under way, and the registered models."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bioner.cli.options import AsJson, Profile, print_json
from bioner.pipeline.figures import key_figures
from bioner.pipeline.graph import Graph, read_graph
from bioner.pipeline.record import Done, Record, last_line, log_of, recorded
from bioner.pipeline.workspace import Workspace, open_workspace


def status(profile: Profile = None, as_json: AsJson = False) -> None:
    """Show which stages are stale, what a run under way is doing, and the versions in the registry."""
    from bioner.tracking.registry import Version, versions

    workspace = open_workspace(Path.cwd(), profile)
    graph = read_graph(workspace)
    records = recorded(workspace, list(graph.parents))
    registry = workspace.params.registry
    models: list[Version] = [v for family in (registry.gliner, registry.tagger) for v in versions(family.name)]
    if as_json:
        stages = {s: {"stale": s in graph.stale, "last": _plain(records.get(s))} for s in graph.parents}
        print_json({"stages": stages, "versions": [asdict(version) for version in models]})
        return
    out = Console()
    out.print(_stages(workspace, graph, records))
    table = Table("model", "version", "aliases", "strict F1", "decision", title="registry", box=None)
    for version in models:
        f1 = "" if version.strict_f1 is None else f"{version.strict_f1:.3f}"
        table.add_row(version.name, version.version, ", ".join(version.aliases), f1, version.decision)
    out.print(table)


def _plain(record: Record | None) -> dict[str, object] | None:
    return asdict(record) if record else None


def _stages(workspace: Workspace, graph: Graph, records: dict[str, Record]) -> Table:
    table = Table("stage", "state", "last", "seconds", "figures", title=workspace.root.name, box=None)
    for stage in graph.parents:
        record = records.get(stage)
        state = "[yellow]stale" if stage in graph.stale else "[green]up to date"
        last, seconds, figures = "", "", key_figures(workspace.root, stage)
        if record:
            running = record.done is Done.RUNNING
            last = record.done.value
            seconds = f"{time.time() - record.began if running else record.seconds:.0f}"
            figures = last_line(log_of(workspace, stage)) if running else figures
        table.add_row(stage, state, last, seconds, Text(figures))
    return table
