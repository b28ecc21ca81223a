"""One run at a time in a workspace: two would overwrite each other's outputs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioner.errors import StageError
from bioner.pipeline.workspace import Workspace


@contextmanager
def exclusive(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace's lock.

    Raises:
        StageError: another run holds it.
    """
    what, mend = "another run is at work in this workspace", "wait for it; `bioner status` shows how far it is"
    with hold(workspace.state / "run.lock", what, str(workspace.root), mend):
        yield


@contextmanager
def hold(file: Path, what: str, where: str, mend: str) -> Iterator[None]:
    """Hold a lock file; the system releases it when the process ends, however it ends.

    Args:
        file: the lock; it says which process has it.
        what: what is said if another process has it; `where` and `mend` likewise.

    Raises:
        StageError: another process has it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise StageError(f"{what} (process {lock.read().strip() or 'unknown'})", where=where, mend=mend) from error
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield
