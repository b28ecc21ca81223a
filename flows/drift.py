"""The drift flow: measure how far new text is from that of the champion, and past the threshold start a retraining."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

from bioner.errors import GateError, StageError
from bioner.pipeline.workspace import find_project
from flows.command import bioner, failure, registry_away
from flows.notice import tell

_LOST = {StateType.FAILED, StateType.CRASHED, StateType.CANCELLED, StateType.CANCELLING}  # made no model
_LOOKED_AT = 100  # runs of all profiles, the newest first


@task(retries=2, retry_delay_seconds=[10, 60], retry_condition_fn=registry_away, cache_policy=NO_CACHE)
def measure(project: str, text: str, profile: str | None, options: list[str], *, hours: float) -> dict[str, Any]:
    """`bioner drift`, kept as a run in MLflow; what it found, as its JSON says.

    Raises:
        StageError: it failed.
    """
    named = ["--profile", profile] if profile else []
    command = ["drift", text, *named, *options, "--json", "--record"]
    answer = bioner(Path(project), {}, *command, hours=hours, kept=True)
    if answer.code not in {0, GateError.exit_code}:
        raise failure(answer, *command, where=Path(project))
    found: dict[str, Any] = json.loads(answer.out)
    return found


@flow(name="drift-check", on_failure=[tell], on_crashed=[tell])
def check_drift(
    text: str,
    profile: str | None = None,
    *,
    against: str = "train",
    language: str | None = None,
    model: str | None = None,
    retrain: str = "scheduled-retrain/on-drift",
    cooldown_days: float = 7,
    hours: float = 4,
) -> str:
    """Compare a folder of new text with the text of the champion, and start a retraining if it has drifted.

    Args:
        text: the folder, as seen from the project; one that is empty or not there has no new text.
        profile: whose params and workspace are meant.
        against: `train` or `unlabelled` (see `bioner drift`).
        language: of the training text that it is compared with; none for all of it.
        model: the model whose text it is compared with; none for the champion of the GLiNER.
        retrain: the deployment to start.
        cooldown_days: how long after a retraining none is started; one that failed does not count.
        hours: how long it may take.

    Returns:
        What came of it, in words.

    Raises:
        StageError: the check failed, or there is no such deployment.
    """
    project = find_project(Path.cwd())
    folder = project / text
    there = [folder] if folder.is_file() else folder.rglob("[!.]*")
    if not any(path.is_file() for path in there):
        return f"there is no new text in {text}"
    chosen = {"--against": against, "--reference-language": language, "--model": model}
    options = [part for option, value in chosen.items() if value for part in (option, value)]
    found = measure(str(project), str(folder), profile, options, hours=hours)
    drifted = [measured["name"] for measured in found["measures"] if measured["alarm"]]
    said = start_retraining(retrain, profile, cooldown_days) if drifted else "nothing to do"
    outcome = f"drift in {', '.join(drifted) or 'nothing'}: {said}"
    get_run_logger().info("%s", outcome)
    return outcome


def start_retraining(deployment: str, profile: str | None, cooldown_days: float) -> str:
    """Start a retraining, unless one is under way or ended lately; say what was done.

    Checks that see the same last run ask for the same new one by name, so that of two at once one is started.

    Raises:
        StageError: there is no such deployment.
    """
    last, lately = _last_runs(deployment.partition("/")[0], profile, datetime.now(UTC))
    if lately is not None and _age(lately) < timedelta(days=cooldown_days):
        return f"no retraining is started, since {lately.name} is of {_start(lately):%Y-%m-%d %H:%M} UTC"
    try:
        answer = run_deployment(
            deployment,
            parameters={"profile": profile},
            timeout=0,
            tags=["drift"],
            idempotency_key=f"drift-{profile}-after-{last.id if last else 'none'}",
            as_subflow=False,
        )
    except ObjectNotFound as error:
        mend = "deploy it (prefect deploy --all), or name another one (parameter `retrain`)"
        raise StageError(f"there is no deployment {deployment!r} to start", where="Prefect", mend=mend) from error
    return f"the retraining {cast('FlowRun', answer).name} is started"  # a coroutine only for callers in an event loop


def _last_runs(flow_name: str, profile: str | None, now: datetime) -> tuple[FlowRun | None, FlowRun | None]:
    """The last run of a flow for a profile that was due, and the last of those that did not fail."""
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])),
            flow_run_filter=FlowRunFilter(
                expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": now})
            ),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=_LOOKED_AT,
        )
    ours = [run for run in runs if run.parameters.get("profile") == profile]
    return next(iter(ours), None), next((run for run in ours if run.state_type not in _LOST), None)


def _start(run: FlowRun) -> datetime:
    return run.start_time or run.expected_start_time or datetime.now(UTC)


def _age(run: FlowRun) -> timedelta:
    return datetime.now(UTC) - _start(run)
