"""The retrain flow: bring every stage up to date, register what changed, apply the promotion policy, push the data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture, wait
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from bioner.cards.keeping import keep_cards
from bioner.errors import BionerError
from bioner.events import within
from bioner.lineage.indexing import remember
from bioner.pipeline.cores import Cores
from bioner.pipeline.graph import read_graph
from bioner.pipeline.remote import push
from bioner.pipeline.submit import KilledError, LockedError, submit
from bioner.pipeline.workspace import Workspace
from bioner.tracking.promotion import Outcome, register_and_promote

_ATTEMPTS = 4
_THREADS = 64  # a task that waits for another holds a thread, so there are as many as there may be stages
_CORES = Cores.of_machine()


def _worth_retrying(_task: Any, run: TaskRun, state: State[Any]) -> bool:
    """A lock is tried again several times, a killed stage once; any other failure would only repeat itself."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, LockedError) or (isinstance(error, KilledError) and run.run_count <= 1)


@task(
    task_run_name="{stage}",
    retries=_ATTEMPTS,
    retry_delay_seconds=2,
    retry_jitter_factor=1,
    retry_condition_fn=_worth_retrying,
    cache_policy=NO_CACHE,
)
def run_stage(project: str, profile: str | None, stage: str, *, cores: int, force: bool, until: list[str]) -> None:
    """Bring one stage up to date through DVC, as soon as the cores that it computes on are free."""
    workspace = Workspace(Path(project), profile)
    with _CORES.taking(cores), within(flow_run=flow_run.get_id()):
        submit(workspace, stage, force=force, command=workspace.run_command(until))


@task(cache_policy=NO_CACHE)
def register(project: str, profile: str | None) -> list[Outcome]:
    """Register the models that changed, decide on their promotion, keep their cards, and note what went into them."""
    workspace = Workspace(Path(project), profile)
    outcomes = register_and_promote(workspace.root, workspace.params)
    keep_cards([f"{outcome.name}/{outcome.version}" for outcome in outcomes], workspace.root)
    remember(workspace.root)
    return outcomes


@task(retries=3, retry_delay_seconds=[10, 30, 60], cache_policy=NO_CACHE)
def store_data(project: str, profile: str | None) -> None:
    """Copy data and models to the DVC remote."""
    push(Workspace(Path(project), profile))


@flow(name="retrain", task_runner=ThreadPoolTaskRunner(max_workers=_THREADS))  # type: ignore[arg-type]  # invariant
def retrain(
    project: str, profile: str | None = None, forced: list[str] | None = None, until: list[str] | None = None
) -> list[Outcome]:
    """Bring a workspace up to date.

    Args:
        project: the folder of the repository.
        profile: the profile whose workspace is meant; none for the project's own params.
        forced: stages that run even if nothing changed.
        until: stages to end with; then nothing is registered.

    Raises:
        BionerError: the first failure; stages that do not depend on the failed one were finished.
    """
    forced, until = forced or [], until or []
    workspace = Workspace(Path(project), profile)
    graph, threads = read_graph(workspace), workspace.params.threads
    futures: dict[str, PrefectFuture[None]] = {}
    for stage in graph.affected(forced, until):
        parents = [futures[parent] for parent in graph.parents[stage] if parent in futures]
        cores = threads if stage in graph.threaded else 1
        settings = {"cores": cores, "force": stage in forced, "until": until}
        futures[stage] = run_stage.submit(project, profile, stage, **settings, wait_for=parents, return_state=False)
    wait(list(futures.values()))
    _raise_first_failure(futures)
    outcomes = [] if until else register(project, profile)
    store_data(project, profile)
    return outcomes


def _raise_first_failure(futures: Mapping[str, PrefectFuture[None]]) -> None:
    """A failed stage leaves those after it unstarted: raise its error, not theirs."""
    for future in futures.values():
        error = future.state.result(raise_on_failure=False)
        if isinstance(error, BionerError):
            raise error
    for future in futures.values():
        future.result()
