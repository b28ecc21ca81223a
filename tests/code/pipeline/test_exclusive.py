"""One run at a time in a workspace, however the one before ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bioner.errors import StageError
from bioner.pipeline.exclusive import exclusive
from bioner.pipeline.workspace import Workspace

_HOLD = """
import sys, time
from pathlib import Path
from bioner.pipeline.exclusive import exclusive
from bioner.pipeline.workspace import Workspace
with exclusive(Workspace(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_run_is_refused_until_the_first_is_gone_even_if_killed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    first = subprocess.Popen([sys.executable, "-c", _HOLD, tmp_path], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    with pytest.raises(StageError, match=f"process {first.pid}") as caught, exclusive(workspace):
        pass
    assert caught.value.where == str(tmp_path)
    assert "bioner status" in caught.value.mend
    first.kill()
    first.wait()
    with exclusive(workspace):
        assert (workspace.state / "run.lock").read_text(encoding="utf-8") == str(os.getpid())


def test_runs_may_follow_each_other_and_an_error_releases(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), exclusive(Workspace(tmp_path)):
            raise KeyError


def test_two_workspaces_do_not_exclude_each_other(tmp_path: Path) -> None:
    with exclusive(Workspace(tmp_path)), exclusive(Workspace(tmp_path, "ncbi")):
        pass
    with exclusive(Workspace(tmp_path)), pytest.raises(StageError), exclusive(Workspace(tmp_path)):
        pass
