"""The main job killed inside every stage: the next run ends as if nothing had happened."""

from __future__ import annotations

import json
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


@pytest.fixture(scope="module")
def killed(base_workspace: Path, prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose run was killed inside every stage in turn, in the order of the graph, and then ran to its end."""
    workspace = Workspace(copy_project(tmp_path_factory.mktemp("killed") / "project"))
    share_base(base_workspace, workspace.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", prefect_server)
        graph = read_graph(workspace)
        names = {stage.partition("@")[0]: stage for stage in reversed(graph.parents)}
        for stage in reversed(names.values()):
            waits = (_WORK if stage in graph.threaded else _START, 0.0)
            assert any(_killed_inside(workspace, stage, wait) for wait in waits), f"{stage} ended before the signal"
        done = bioner(workspace.root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return workspace.root


def test_the_killed_runs_are_not_left_running(killed: Path) -> None:
    assert set(run_states(killed)) == {"FINISHED", "KILLED"}


def test_each_model_has_one_version(killed: Path) -> None:
    versions = json.loads(bioner(killed, "status", "--json").stdout)["versions"]
    assert versions
    assert {version["version"] for version in versions} == {"1"}


def test_the_metrics_are_those_of_an_undisturbed_run(killed: Path, finished: Finished) -> None:
    assert _metrics(killed) == _metrics(finished.root)


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
