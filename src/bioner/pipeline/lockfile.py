"""A `dvc.lock` that a kill tore: DVC writes it in place, and reads no half of one."""

from __future__ import annotations

from pathlib import Path

from bioner.pipeline.workspace import Workspace

_ASIDE = "dvc.lock.torn"
_CONFLICT = "<<<<<<< "  # how git begins a conflict: that is for the user to mend


def put_aside_if_torn(workspace: Workspace) -> Path | None:
    """Move a `dvc.lock` that DVC cannot read out of the way, and return its new place.

    Nothing is lost by it: DVC's cache knows the results of all stages by their inputs, and gives them back. To be
    called while no process of the workspace runs.
    """
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
