"""What a run started ends when that run is gone: an orphan would hold DVC's locks and write behind its back."""

from __future__ import annotations

import os
import threading
import time

from bioner.processes import OWNER, alive

_EVERY = 0.5
_ORPHANED = 75  # EX_TEMPFAIL: run it again


def die_with_owner() -> None:
    """Watch the process that the environment names as owner, if any, and end this one at once when it has gone."""
    owner = os.environ.get(OWNER)
    if owner:
        threading.Thread(target=_watch, args=(owner,), daemon=True).start()


def _watch(owner: str) -> None:
    while alive(owner):
        time.sleep(_EVERY)
    os._exit(_ORPHANED)
