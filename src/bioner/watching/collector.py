"""All figures of a project, computed anew whenever somebody asks: nothing runs or is kept in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.registry import Collector

from bioner.pipeline.workspace import Workspace
from bioner.project import STATE
from bioner.watching import flow_runs, gpus, stages
from bioner.watching.families import Sheet
from bioner.watching.guard import Guard
from bioner.watching.teachers import Teachers

_SOURCES = ("workspaces", "stages", "results", "teacher", "gpus", "flow runs")


class ProjectCollector(Collector):
    """The figures of a project, of the workspaces of its profiles, and of the clones that scheduled runs work in."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._guard = Guard()
        self._teachers = Teachers()

    def collect(self) -> Iterator[Metric]:
        """Read everything; what cannot be read is an error that is counted."""
        sheet, reading = Sheet(), self._guard.reading
        with reading("workspaces", str(self._project)):
            for workspace in workspaces(self._project):
                name = workspace.root.relative_to(self._project).as_posix()
                stages.read(workspace, name, sheet, self._guard)
                with reading("teacher", f"{workspace.root}: the record cache"):
                    self._teachers.read(workspace, name, sheet)
        with reading("gpus", "NVIDIA's library"):
            gpus.read(sheet)
        with reading("flow runs", "Prefect"):
            flow_runs.read(sheet)
        for source in _SOURCES:
            sheet.put("bioner_watching_errors", self._guard.errors[source], source)
        yield from sheet


def workspaces(project: Path) -> Iterator[Workspace]:
    """The workspaces of a project in which anything ran: its own, its profiles', and those of scheduled runs."""
    for root in (project, *sorted((project / STATE / "scheduled").glob("*/"))):
        profiles = (folder.name for folder in sorted((root / "workspaces").glob("*/")))
        for workspace in (Workspace(root), *(Workspace(root, profile) for profile in profiles)):
            if workspace.state.is_dir():
                yield workspace
