"""A flow that failed tells the webhook: in which run, and what was wrong."""

from __future__ import annotations

from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State

from bioner.tracking.webhook import post


def tell(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Send what became of a run of a deployment to the webhook, if there is one (`BIONER_WEBHOOK`).

    Prefect calls this when a flow fails, or when its process was killed.
    """
    message = {
        "kind": "flow",
        "flow": flow.name,
        "run": flow_run.name,
        "id": str(flow_run.id),
        "state": state.name,
        "what": state.message or "",
        "parameters": flow_run.parameters,
    }
    post(message, f"the run {flow_run.name} is on the pages of Prefect")
