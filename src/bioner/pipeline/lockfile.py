"""Files of DVC that a kill tore: it writes `dvc.lock` and its list of locks in place, and reads no half of one."""

from __future__ import annotations

import json
from pathlib import Path

from bioner.pipeline.workspace import Workspace

_ASIDE = "dvc.lock.torn"
_CONFLICT = "<<<<<<< "  # how git begins a conflict: that is for the user to mend


def mend_torn(workspace: Workspace) -> Path | None:
    """Move a `dvc.lock` that DVC cannot read out of the way, and return its new place; drop a list of locks likewise.

    Nothing is lost by it: DVC's cache knows the results of all stages by their inputs, and gives them back. To be
    called while no process of the workspace runs.
    """
    _drop_torn_locks(workspace.project / ".dvc" / "tmp")
    return _put_aside_if_torn(workspace)


def _drop_torn_locks(folder: Path) -> None:
    """Who held a lock is in no half of the list; a process that lives and edits it now has the guard of the list."""
    from dvc.lock import LockError, make_lock
    from dvc.rwlock import RWLOCK_FILE, RWLOCK_LOCK

    locks = folder / RWLOCK_FILE
    if not locks.is_file():
        return
    try:
        with make_lock(str(folder / RWLOCK_LOCK), tmp_dir=str(folder)):
            try:
                json.loads(locks.read_bytes())
            except ValueError:
                locks.unlink()
    except LockError:
        return


def _put_aside_if_torn(workspace: Workspace) -> Path | None:
    from dvc.exceptions import DvcException
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from dvc.utils.strictyaml import load

    lock = workspace.root / "dvc.lock"
    if not lock.is_file() or _CONFLICT in lock.read_text(encoding="utf-8", errors="replace"):
        return None
    try:
        load(str(lock), COMPILED_LOCKFILE_SCHEMA)
    except (DvcException, UnicodeDecodeError):
        return lock.replace(workspace.state / _ASIDE)
    return None
