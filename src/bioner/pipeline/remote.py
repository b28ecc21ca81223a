"""The DVC remote: where the data and models of a workspace are kept beside the workspace itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

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
    if (workspace.root / "dvc.lock").is_file():
        bring(workspace, ["dvc.yaml"])


def bring(workspace: Workspace, targets: Sequence[str]) -> None:
    """Bring some files that DVC keeps, and nothing else; what the remote lacks stays away.

    Args:
        targets: stages, or `.dvc` files.

    Raises:
        StageError: the remote refused or cannot be reached.
    """
    refused = _dvc(workspace, "pull", "--allow-missing", "--force", *targets) if targets else ""
    if refused:
        mend = "check the remote with `dvc remote list`"
        raise StageError(f"the DVC remote does not give {', '.join(targets)}: {refused}", where="dvc pull", mend=mend)


def _dvc(workspace: Workspace, *arguments: str) -> str:
    """The last line of DVC's complaint; empty if all went well."""
    command = [sys.executable, "-m", "dvc", *arguments, "--quiet"]
    done = subprocess.run(command, cwd=workspace.root, env=environment(), capture_output=True, text=True, check=False)
    return (done.stderr.strip() or "no reason given").splitlines()[-1] if done.returncode else ""
