"""A stage ends when the flow that submitted it is gone: an orphan would hold DVC's locks and write behind its back."""

from __future__ import annotations

import os
import threading
import time

OWNER = "BIONER_OWNER_PID"
_EVERY = 0.5
_ORPHANED = 75  # EX_TEMPFAIL


def die_with_owner() -> None:
    """Watch the process named by `BIONER_OWNER_PID`, if any, and end this one at once when it has gone."""
    owner = os.environ.get(OWNER)
    if owner:
        threading.Thread(target=_watch, args=(int(owner),), daemon=True).start()


def _watch(owner: int) -> None:
    import psutil

    try:
        process = psutil.Process(owner)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(_EVERY)
    except psutil.NoSuchProcess:
        os._exit(_ORPHANED)
    os._exit(_ORPHANED)
