"""The main job killed inside every stage: the next run ends as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest
from scratch import Finished, bioner, copy_project, run_states, share_base

from bioner.pipeline.graph import read_graph
from bioner.pipeline.lockfile import mend_torn
from bioner.pipeline.record import Done, log_of, recorded
from bioner.pipeline.workspace import Workspace
from bioner.processes import end_orphans

pytestmark = pytest.mark.slow

_WORK, _START = 8.0, 0.5  # seconds from its begin in which a stage with a model is at work, and any other


@pytest.mark.usefixtures("own_server")
def test_kill_minus_nine_inside_each_stage_changes_nothing(
    base_workspace: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    workspace = Workspace(copy_project(tmp_path / "killed"))
    share_base(base_workspace, workspace.root)
    graph = read_graph(workspace)
    names = {stage.partition("@")[0]: stage for stage in reversed(graph.parents)}
    for stage in reversed(names.values()):
        waits = (_WORK if stage in graph.threaded else _START, 0.0)
        assert any(_killed_inside(workspace, stage, wait) for wait in waits), f"{stage} was over before it was killed"
    done = bioner(workspace.root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    undisturbed: Finished = request.getfixturevalue("finished")  # only now: another worker makes it meanwhile
    assert _metrics(workspace.root) == _metrics(undisturbed.root)
    assert set(run_states(workspace.root)) == {"FINISHED", "KILLED"}


def _killed_inside(workspace: Workspace, stage: str, wait: float) -> bool:
    """Start a run and kill it with SIGKILL some seconds after a stage began; whether the stage was at work then."""
    began = time.time()
    end_orphans()  # as the run does first: what was killed before must not write while the graph is read
    mend_torn(workspace)
    force = [] if stage in read_graph(workspace).stale else ["--force", stage]  # it ran beside one killed before
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(["bioner", "run", *force], cwd=workspace.root, **quiet) as run:
        while run.poll() is None:
            record = recorded(workspace, [stage], began).get(stage)
            if record and "Running stage" in log_of(workspace, stage).read_text(encoding="utf-8"):
                time.sleep(wait)
                run.send_signal(signal.SIGKILL)
                run.wait()
                return recorded(workspace, [stage], began)[stage].done is Done.RUNNING
            time.sleep(0.05)
    return False


def _metrics(root: Path) -> dict[str, str]:
    """All metrics files of a project, by name."""
    folder = root / "metrics"
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.*"))}
