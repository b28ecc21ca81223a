"""The graph of stages of a workspace, and which of them DVC finds stale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioner.errors import ConfigError
from bioner.pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Graph:
    """Stages in an order in which each follows those it depends on.

    Attributes:
        parents: stage -> the stages it reads from.
        stale: stages whose inputs, params, command or outputs differ from `dvc.lock`.
    """

    parents: dict[str, tuple[str, ...]]
    stale: frozenset[str]

    def affected(self, forced: Iterable[str] = ()) -> list[str]:
        """The stages that may have to run, in order: the stale and forced ones and all that follow from them."""
        found = {*self.stale, *forced}
        for stage, parents in self.parents.items():
            if found & set(parents):
                found.add(stage)
        return [stage for stage in self.parents if stage in found]

    def matching(self, name: str) -> list[str]:
        """The stages called `name`, or all items of a stage of that name (`finetune` for `finetune@mini`).

        Raises:
            ConfigError: there is none.
        """
        stages = [stage for stage in self.parents if name in (stage, stage.partition("@")[0])]
        if not stages:
            raise ConfigError(f"there is no stage {name!r}", mend=f"stages: {', '.join(self.parents)}")
        return stages


def read_graph(workspace: Workspace) -> Graph:
    """Read the graph of `dvc.yaml` and ask DVC for the state of each stage.

    Raises:
        ConfigError: DVC cannot read its files, with DVC's own words.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(str(workspace.project)) as repo:
            stages = {s.name: s for s in _sorted(repo.index.graph) if Path(s.wdir) == workspace.root.resolve()}
            parents = {
                name: tuple(p.name for p in repo.index.graph.successors(stage) if p.name in stages)
                for name, stage in stages.items()
            }
            with repo.lock:
                stale = frozenset(name for name, stage in stages.items() if stage.status())
    except DvcException as error:
        mend = "correct dvc.yaml or params.yaml; `dvc status` shows the same"
        raise ConfigError(f"DVC cannot read the pipeline: {error}", where=str(workspace.root), mend=mend) from error
    return Graph(parents, stale)


def _sorted(graph: Any) -> list[Any]:
    """DVC's edges point from a stage to what it reads, so the reverse topological order is the order of work."""
    import networkx

    return list(reversed(list(networkx.topological_sort(graph))))
