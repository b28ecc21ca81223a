"""One run at a time in a workspace: two would overwrite each other's outputs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from bioner.errors import StageError
from bioner.pipeline.workspace import Workspace


@contextmanager
def exclusive(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace's lock; the system releases it when the process ends, however it ends.

    Raises:
        StageError: another run holds it.
    """
    file = workspace.state / "run.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise StageError(
                f"another run is at work in this workspace (process {lock.read().strip() or 'unknown'})",
                where=str(workspace.root),
                mend="wait for it; `bioner status` shows how far it is",
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield
