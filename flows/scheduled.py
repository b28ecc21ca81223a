"""The scheduled flows: update or retrain in a clean checkout, and commit the results before a model is registered."""

from __future__ import annotations

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from bioner.pipeline.checkout import Checkout
from bioner.pipeline.remote import pull
from flows.command import bioner, failure, registry_away
from flows.notice import tell
from flows.turn import turn

_LAST = "report"  # every stage that a model is registered for leads to it
_DELAYS: list[float] = [10, 60, 300]


@task(retries=3, retry_delay_seconds=_DELAYS, cache_policy=NO_CACHE)
def fetch_data(checkout: Checkout) -> None:
    """Bring the data and models of earlier runs."""
    pull(checkout.workspace)


@task(retries=3, retry_delay_seconds=_DELAYS, retry_condition_fn=registry_away, cache_policy=NO_CACHE)
def bioner_run(checkout: Checkout, *options: str, hours: float) -> None:
    """`bioner run` with the code of the checkout; what it prints goes to the log of the worker.

    Raises:
        StageError: it failed, or took too long.
    """
    profile = ["--profile", checkout.profile] if checkout.profile else []
    command = ["run", *profile, *checkout.data_root, *options]
    get_run_logger().info("in %s: bioner %s", checkout.folder, " ".join(command))
    answer = bioner(checkout.folder, checkout.environment, *command, hours=hours)
    if answer.code:
        raise failure(answer, *command, where=checkout.workspace.root)


@task(retries=3, retry_delay_seconds=_DELAYS, cache_policy=NO_CACHE)
def push_results(checkout: Checkout) -> None:
    """Push the commit, so that what a version will name is there before the version is."""
    checkout.push()


@flow(name="scheduled-retrain", on_failure=[tell], on_crashed=[tell])
def scheduled_retrain(
    profile: str | None = None, branch: str = "main", results: str = "retrained", hours: float = 72
) -> str:
    """Retrain from what git and the DVC remote hold, register what changed and apply the promotion policy.

    Args:
        profile: the profile to run; none for the params of the project itself.
        branch: of the code and the params.
        results: the branch that gets `dvc.lock` and the metrics of every run.
        hours: how long it may wait for another run of the profile, and then how long each of its steps may take.

    Returns:
        The commit of the results; it did not change if nothing else did.

    Raises:
        BionerError: the first failure; the next run goes on from there.
    """
    with turn(profile, branch, results, hours=hours) as checkout:
        commit = _update(checkout, [_LAST], f"Retrained {_of(profile)}", hours)
        bioner_run(checkout, hours=hours)
    return commit


@flow(name="scheduled-update", on_failure=[tell], on_crashed=[tell])
def scheduled_update(
    until: list[str],
    profile: str | None = None,
    branch: str = "main",
    results: str = "retrained",
    hours: float = 24,
) -> str:
    """Bring the pipeline up to date as far as some stages, push the data and commit; nothing is registered.

    Args:
        until: the stages to end with; what they need and is stale is run, too.
        profile, branch, results, hours: as of `scheduled_retrain`.

    Returns:
        The commit of the results; it did not change if nothing else did.

    Raises:
        BionerError: the first failure; the next run goes on from there.
    """
    with turn(profile, branch, results, hours=hours) as checkout:
        return _update(checkout, until, f"Updated {', '.join(until)} {_of(profile)}", hours)


def _update(checkout: Checkout, until: list[str], message: str, hours: float) -> str:
    fetch_data(checkout)
    bioner_run(checkout, *(option for stage in until for option in ("--until", stage)), hours=hours)
    commit = checkout.commit(message)
    push_results(checkout)
    get_run_logger().info("the results are commit %s of branch %s", commit, checkout.results)
    return commit


def _of(profile: str | None) -> str:
    return f"of the profile {profile}" if profile else "on the params of the project"
