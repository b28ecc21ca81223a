"""The scheduled flow: retrain in a clean checkout, and commit what came of it before a model is registered."""

from __future__ import annotations

import subprocess
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from bioner.errors import StageError
from bioner.pipeline.checkout import Checkout, open_checkout
from bioner.pipeline.remote import pull
from bioner.pipeline.submit import environment
from bioner.processes import end_tree

_LAST = "report"  # every stage that a model is registered for leads to it


@task(retries=3, retry_delay_seconds=[10, 60, 300], cache_policy=NO_CACHE)
def fetch_data(checkout: Checkout) -> None:
    """Bring the data and models of earlier runs."""
    pull(checkout.workspace)


@task(cache_policy=NO_CACHE)
def bioner_run(checkout: Checkout, *options: str) -> None:
    """`bioner run` with the code of the checkout; what it prints goes to the log of the worker.

    Raises:
        StageError: it failed; its last line says why.
    """
    profile = ["--profile", checkout.profile] if checkout.profile else []
    command = ["bioner", "run", *profile, *checkout.data_root, *options]
    get_run_logger().info("in %s: %s", checkout.folder, " ".join(command))
    process = subprocess.Popen(command, cwd=checkout.folder, env=environment() | checkout.environment)
    try:
        code = process.wait()
    except BaseException:
        end_tree(process.pid)  # cancelled: the run must not go on by itself
        raise
    if code:
        mend = "see the log of the worker and of the stage; the next run resumes it"
        raise StageError(f"bioner run failed with exit code {code}", where=str(checkout.workspace.root), mend=mend)


@task(retries=3, retry_delay_seconds=[10, 60, 300], cache_policy=NO_CACHE)
def push_results(checkout: Checkout) -> None:
    """Push the commit, so that what a version will name is there before the version is."""
    checkout.push()


@flow(name="scheduled-retrain")
def scheduled_retrain(profile: str | None = None, branch: str = "main", results: str = "retrained") -> str:
    """Retrain from what git and the DVC remote hold.

    Args:
        profile: the profile to run; none for the params of the project itself.
        branch: of the code and the params.
        results: the branch that gets `dvc.lock` and the metrics of every run.

    Returns:
        The commit of the results; it did not change if nothing else did.

    Raises:
        BionerError: the first failure; the next run goes on from there.
    """
    with open_checkout(Path.cwd(), profile, branch, results) as checkout:
        fetch_data(checkout)
        bioner_run(checkout, "--until", _LAST)
        commit = checkout.commit(f"Retrained {profile or 'on the params of the project'}")
        push_results(checkout)
        bioner_run(checkout)
        get_run_logger().info("the results are commit %s of branch %s", commit, results)
    return commit
