"""A run ends with its worker: without one nobody could cancel it, and its next word would go into a closed pipe."""

from __future__ import annotations

import os
import signal
import threading
import time

from bioner.processes import alive, mark

_EVERY = 0.5
_STARTED = "PREFECT__FLOW_RUN_ID"  # Prefect sets it for what a worker starts


def end_with_worker() -> None:
    """Watch the worker that started this process, if one did, and end the run as crashed when it has gone."""
    worker = os.getppid()  # 0 in a container of the run's own, which ends with what is to be watched
    if _STARTED in os.environ and worker:
        threading.Thread(target=_watch, args=(mark(worker),), daemon=True).start()


def _watch(worker: str) -> None:
    while alive(worker):
        time.sleep(_EVERY)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):  # they lead to the worker; what is said at the end must not fail for that
        os.dup2(nowhere, output)
    os.kill(os.getpid(), signal.SIGTERM)  # Prefect tells its server, and what the run had started is ended
