"""Flow runs whose process was killed stay RUNNING in Prefect for ever: mark them crashed."""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

from bioner.processes import alive, mark

_OWNER = "owner="


def owner_tag() -> str:
    """The tag by which a flow run names the process that runs it."""
    return _OWNER + mark()


def sweep_flows() -> int:
    """Mark the flow runs of dead processes as crashed, and return how many there were."""
    running = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])))
    swept = 0
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=running):
            owners = [tag.removeprefix(_OWNER) for tag in run.tags if tag.startswith(_OWNER)]
            if owners and not any(alive(owner) for owner in owners):
                client.set_flow_run_state(run.id, Crashed(message="its process was killed"), force=True)
                swept += 1
    return swept
