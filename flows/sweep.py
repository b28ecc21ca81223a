"""Flow runs whose process was killed stay RUNNING in Prefect for ever: mark them crashed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from httpx import HTTPError
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.settings import get_current_settings
from prefect.states import Crashed

from bioner.errors import StageError
from bioner.processes import alive, mark

_OWNER = f"owner={socket.gethostname()}/"  # another host's processes cannot be looked at from here


def owner_tag() -> str:
    """The tag by which a flow run names the process that runs it."""
    return _OWNER + mark()


def sweep_flows() -> int:
    """Mark the flow runs of dead processes as crashed, and return how many there were.

    Raises:
        StageError: Prefect's server does not answer.
    """
    running = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])))
    swept = 0
    with _server() as client:
        for run in client.read_flow_runs(flow_run_filter=running):
            owners = [tag.removeprefix(_OWNER) for tag in run.tags if tag.startswith(_OWNER)]
            if owners and not any(alive(owner) for owner in owners):
                client.set_flow_run_state(run.id, Crashed(message="its process was killed"), force=True)
                swept += 1
    return swept


@contextmanager
def _server() -> Iterator[SyncPrefectClient]:
    """The server that is set, or a temporary one, which Prefect starts."""
    url = get_current_settings().api.url
    try:
        with get_client(sync_client=True) as client:
            yield client
    except HTTPError as error:
        mend = "start it, or correct PREFECT_API_URL; unset, the run has a temporary server of its own"
        raise StageError(f"Prefect's server does not answer: {error}", where=str(url or ""), mend=mend) from error
    except RuntimeError as error:  # all that Prefect says of a temporary server that did not start in time
        mend = (
            "is the machine overloaded? PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS sets how long it is waited for"
        )
        raise StageError("Prefect's temporary server did not start", mend=mend) from error
