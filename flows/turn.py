"""Runs of one profile on one machine take turns: what comes second waits, and then finds what the first one did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import UUID

from prefect import get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.states import Crashed

from bioner.errors import StageError
from bioner.files import atomic_write
from bioner.pipeline.checkout import Checkout, open_checkout
from bioner.pipeline.exclusive import hold
from bioner.pipeline.workspace import Workspace, find_project
from bioner.processes import alive, end_orphans, mark
from flows.worker import end_with_worker

_EVERY = 5.0  # seconds between two looks
_HOUR = 3600


@contextmanager
def turn(profile: str | None, branch: str, results: str, *, hours: float) -> Iterator[Checkout]:
    """The clean checkout of a profile (see `pipeline.checkout`), as soon as no other run works in it.

    What a killed run left is brought to an end first: processes that would go on writing, and its state in Prefect.

    Args:
        hours: how long it is waited for.

    Raises:
        StageError: the other run did not end within that time, or git refuses.
    """
    end_with_worker()
    name = profile or "main"
    lock = Workspace(find_project(Path.cwd())).state / "scheduled" / f"{name}.turn"
    mend = "let the other run end or cancel it, or give the deployment more `hours`"
    until, waited = time.monotonic() + hours * _HOUR, False
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(hold(lock, f"another run has the checkout of {name}", str(lock), mend))
                break
            except StageError as error:
                if time.monotonic() >= until:
                    raise
                if not waited:
                    get_run_logger().info("%s: waiting for it", error.what)
                waited = True
                time.sleep(_EVERY)
        end_orphans()
        _close_former(lock.with_suffix(".holder"))
        yield stack.enter_context(open_checkout(Path.cwd(), profile, branch, results))


def _close_former(file: Path) -> None:
    """Mark the run that had the turn before as crashed if it was killed then; and note that the turn is this one's."""
    if flow_run.id is None:
        return
    with get_client(sync_client=True) as client:
        if file.is_file():
            _close_if_killed(client, *file.read_text(encoding="utf-8").split())
        own = client.read_flow_run(UUID(flow_run.id)).state
    with atomic_write(file) as out:
        out.write(f"{mark()} {flow_run.id} {own.id if own else None}")


def _close_if_killed(client: SyncPrefectClient, process: str, run: str, had: str) -> None:
    """Mark a run as crashed whose process is gone, and whose state is the one that it had in its turn.

    Nobody else tells Prefect of a run whose worker was killed, too: it would stay RUNNING, and keep the place of its
    deployment until that expires. One whose state has changed since is left alone: it has ended, is suspended, or was
    resumed or retried, and another process of it may be waiting for its turn, or be this one.
    """
    if alive(process):  # it has left the turn, and is about to say how it ended
        return
    with suppress(ObjectNotFound):
        state = client.read_flow_run(UUID(run)).state
        if state is not None and (str(state.id) == had or state.is_cancelling()):
            client.set_flow_run_state(UUID(run), Crashed(message="its process was killed"), force=True)
