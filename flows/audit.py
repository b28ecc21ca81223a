"""The audit flow: every day, whether the champions and the ledger still are what they were; a finding fails it."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from bioner.errors import BionerError, GateError
from bioner.pipeline.checkout import Checkout
from flows.command import bioner, failure, registry_away
from flows.notice import tell
from flows.turn import turn


@task(
    task_run_name="{arguments}",
    retries=2,
    retry_delay_seconds=[10, 60],
    retry_condition_fn=registry_away,
    cache_policy=NO_CACHE,
)
def examine(checkout: Checkout, *arguments: str, hours: float) -> None:
    """One command that looks for what does not match.

    Raises:
        StageError: it found something, or could not look; the message names the item.
    """
    answer = bioner(checkout.folder, checkout.environment, *arguments, hours=hours, kept=True)
    if answer.code:
        raise failure(answer, *arguments, where=checkout.folder)


@flow(name="scheduled-audit", on_failure=[tell], on_crashed=[tell])
def scheduled_audit(
    models: list[str], profile: str | None = None, branch: str = "main", results: str = "retrained", hours: float = 12
) -> None:
    """Audit registered models and verify the ledger, in a clean checkout: nobody's half-done work is a finding.

    Args:
        models: versions by alias or number, such as `bioner-gliner@champion`.
        profile, branch, results, hours: as of `scheduled_retrain`.

    Raises:
        GateError: something does not match; the message names each item.
    """
    with turn(profile, branch, results, hours=hours) as checkout:
        commands = [*(("audit", model) for model in models), ("ledger", "verify")]
        states = [examine(checkout, *command, hours=hours, return_state=True) for command in commands]
    found = []
    for state in states:
        error = state.result(raise_on_failure=False)
        if isinstance(error, BionerError):
            found.append(error.what)
        else:
            state.result()
    if found:
        raise GateError("\n".join(found), mend="docs/operations.md says what to do about each kind of finding")
