"""The graph of stages of a workspace, and which of them DVC finds stale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bioner.errors import ConfigError
from bioner.pipeline.submit import LockedError
from bioner.pipeline.workspace import PIPELINE, Workspace

_THREADS = "threads"


@dataclass(frozen=True, slots=True)
class Graph:
    """Stages in an order in which each follows those it depends on.

    Attributes:
        parents: stage -> the stages it reads from.
        stale: stages whose inputs, params, command or outputs differ from `dvc.lock`.
        threaded: stages that read the parameter `threads`, and so compute on that many cores.
    """

    parents: dict[str, tuple[str, ...]]
    stale: frozenset[str]
    threaded: frozenset[str] = frozenset()

    def affected(self, forced: Iterable[str] = (), until: Iterable[str] = ()) -> list[str]:
        """The stages that may have to run, in order: the stale and forced ones and all that follow from them.

        Args:
            until: only these and what they depend on; none means all.
        """
        found = {*self.stale, *forced}
        for stage, parents in self.parents.items():
            if found & set(parents):
                found.add(stage)
        return [stage for stage in self.leading_to(until) if stage in found]

    def leading_to(self, stages: Iterable[str]) -> list[str]:
        """Some stages and all that they depend on, in order; without any, all stages."""
        wanted = set(stages) or set(self.parents)
        for stage in reversed(self.parents):
            if stage in wanted:
                wanted.update(self.parents[stage])
        return [stage for stage in self.parents if stage in wanted]

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
        LockedError: another process has locked DVC's files for seconds.
    """
    from dvc.exceptions import DvcException
    from dvc.lock import LockError
    from dvc.repo import Repo
    from dvc.repo.index import Index

    try:
        with Repo(str(workspace.project)) as repo:
            graph = Index.from_file(repo, str(workspace.root.resolve() / PIPELINE)).graph  # no other workspace's
            stages = {stage.name: stage for stage in _sorted(graph)}
            parents = {name: tuple(p.name for p in graph.successors(stage)) for name, stage in stages.items()}
            with repo.lock:
                stale = frozenset(name for name, stage in stages.items() if _stale(stage))
    except LockError as error:
        what = "DVC's files are locked by another process"
        raise LockedError(what, where=str(workspace.root), mend="wait a little, then try again") from error
    except DvcException as error:
        mend = "correct dvc.yaml or params.yaml; `dvc status` shows the same"
        raise ConfigError(f"DVC cannot read the pipeline: {error}", where=str(workspace.root), mend=mend) from error
    return Graph(parents, stale, frozenset(name for name, stage in stages.items() if _reads(stage, _THREADS)))


def _reads(stage: Any, param: str) -> bool:
    return any(param in getattr(dependency, "params", ()) for dependency in stage.deps)


def _stale(stage: Any) -> bool:
    """Whether DVC would run the stage; it refuses to look at files that a running stage writes, so these are stale."""
    from dvc.lock import LockError

    try:
        return bool(stage.status())
    except LockError:
        return True


def _sorted(graph: Any) -> list[Any]:
    """DVC's edges point from a stage to what it reads, so the reverse topological order is the order of work."""
    import networkx

    return list(reversed(list(networkx.topological_sort(graph))))
