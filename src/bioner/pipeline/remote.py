"""The DVC remote: where the data and models of a workspace are kept beside the workspace itself."""

from __future__ import annotations

import subprocess
import sys

from bioner.errors import StageError
from bioner.pipeline.submit import environment
from bioner.pipeline.workspace import Workspace


def push(workspace: Workspace) -> None:
    """Copy what the remote lacks to it.

    Raises:
        StageError: the remote refused or cannot be reached; nothing local is lost.
    """
    refused = _dvc(workspace, "push", "dvc.yaml")
    if refused:
        raise StageError(
            f"the results are kept here, but could not be copied to the DVC remote: {refused}",
            where="dvc push",
            mend="check the remote with `dvc remote list`, then run `dvc push`",
        )


def pull(workspace: Workspace) -> None:
    """Bring what `dvc.lock` names and the remote holds; what it lacks is made anew by the stages.

    Raises:
        StageError: the remote refused or cannot be reached.
    """
    if not (workspace.root / "dvc.lock").is_file():
        return
    refused = _dvc(workspace, "pull", "--allow-missing", "--force", "dvc.yaml")
    if refused:
        mend = "check the remote with `dvc remote list`"
        raise StageError(f"the DVC remote gives nothing: {refused}", where="dvc pull", mend=mend)


def _dvc(workspace: Workspace, *arguments: str) -> str:
    """The last line of DVC's complaint; empty if all went well."""
    command = [sys.executable, "-m", "dvc", *arguments, "--quiet"]
    done = subprocess.run(command, cwd=workspace.root, env=environment(), capture_output=True, text=True, check=False)
    return (done.stderr.strip() or "no reason given").splitlines()[-1] if done.returncode else ""
