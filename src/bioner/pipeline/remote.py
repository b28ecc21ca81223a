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
    command = [sys.executable, "-m", "dvc", "push", "--quiet", "dvc.yaml"]
    done = subprocess.run(command, cwd=workspace.root, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise StageError(
            f"the results are kept here, but could not be copied to the DVC remote: {reason}",
            where="dvc push",
            mend="check the remote with `dvc remote list`, then run `dvc push`",
        )
