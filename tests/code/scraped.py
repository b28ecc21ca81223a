"""The figures of a project as Prometheus would read them, for the tests of what tells them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bioner.watching.collector import ProjectCollector
from bioner.watching.teachers import Teachers

Figures = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Figures:
    """Every value by its name and labels; the text is one that Prometheus' own parser takes."""
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


class Read:
    """Reads the figures of a project, again and again, as one exporter."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self._collector = ProjectCollector(project)
        self._registry = CollectorRegistry()
        self._registry.register(self._collector)
        self.figures: Figures = {}

    @property
    def teachers(self) -> Teachers:
        """What it remembers of caches."""
        return self._collector._teachers

    def again(self) -> None:
        """Read now."""
        self.figures = parsed(generate_latest(self._registry).decode())

    def __call__(self, name: str, **labels: str) -> float | None:
        """The value with these labels at least, if there is exactly one."""
        found = [value for (known, has), value in self.figures.items() if known == name and has >= {*labels.items()}]
        assert len(found) <= 1
        return found[0] if found else None
