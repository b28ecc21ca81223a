"""How many flow runs wait, run and failed, as the Prefect server says that `PREFECT_API_URL` names.

Prefect's own client would wait for a server that is away, again and again, and a reading has to end within seconds.
"""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

from bioner.watching.families import Sheet

_NOW = ("Scheduled", "Late", "AwaitingConcurrencySlot", "Pending", "Running", "Paused")
_ENDED = ("Completed", "Failed", "Crashed", "Cancelled")
_PATIENCE = 2.0


def read(sheet: Sheet) -> None:
    """Put in how many flow runs are in each state; nothing where no server is named.

    Raises:
        OSError: the server does not answer, or does not let us in.
    """
    api = os.environ.get("PREFECT_API_URL")
    if not api:
        return
    since = {"end_time": {"after_": (datetime.now(UTC) - timedelta(days=1)).isoformat()}}
    soon = {"expected_start_time": {"before_": (datetime.now(UTC) + timedelta(days=1)).isoformat()}}
    for state in (*_NOW, *_ENDED):
        bound = since if state in _ENDED else soon if state == "Scheduled" else {}
        sheet.put("bioner_flow_runs", _count(api, {"state": {"name": {"any_": [state]}}, **bound}), state)


def _count(api: str, runs: dict[str, Any]) -> int:
    request = Request(f"{api.rstrip('/')}/flow_runs/count", json.dumps({"flow_runs": runs}).encode())  # noqa: S310 (ours)
    request.add_header("Content-Type", "application/json")
    if secret := os.environ.get("PREFECT_API_AUTH_STRING"):
        request.add_header("Authorization", f"Basic {base64.b64encode(secret.encode()).decode()}")
    with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 (as named by who runs this)
        return int(answer.read())
