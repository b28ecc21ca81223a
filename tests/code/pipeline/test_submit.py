"""Submitting a stage to the real DVC: what becomes of it, and what a failure tells."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
import yaml

from bioner.errors import StageError
from bioner.pipeline.graph import read_graph
from bioner.pipeline.record import Done, Record, log_of, recorded
from bioner.pipeline.submit import KilledError, LockedError, submit
from bioner.pipeline.workspace import Workspace, open_workspace
from bioner.processes import OWNER, alive, end_tree


def stage(root: Path, name: str, **changes: object) -> None:
    """Add a stage to a pipeline, or change one; an output of its own is the default."""
    pipeline = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))
    pipeline["stages"][name] = pipeline["stages"].get(name, {"outs": [f"{name}.out"]}) | changes
    (root / "dvc.yaml").write_text(yaml.safe_dump(pipeline), encoding="utf-8")


def fails(root: Path, name: str) -> StageError:
    """The error of a stage that fails, after the checks that hold for every failure."""
    workspace = Workspace(root)
    with pytest.raises(StageError) as caught:
        submit(workspace, name)
    assert caught.value.where == str(log_of(workspace, name))
    assert "bioner run" in caught.value.mend
    assert f"stage {name}" in caught.value.what
    assert recorded(workspace, [name])[name].done is Done.FAILED
    return caught.value


@pytest.mark.slow
def test_a_stage_runs_then_is_cached_then_comes_back_from_the_cache(tiny_project: Path) -> None:
    workspace = Workspace(tiny_project)
    began = time.time()
    ran = submit(workspace, "first")
    assert ran.done is Done.RAN
    assert 0 < ran.seconds < time.time() - began + 1
    assert recorded(workspace, ["first", "second"]) == {"first": ran}
    assert submit(workspace, "first").done is Done.CACHED
    params = (tiny_project / "params.yaml").read_text(encoding="utf-8")
    (tiny_project / "params.yaml").write_text(params.replace("limit: 300", "limit: 200"), encoding="utf-8")
    (tiny_project / "src/bioner/code.py").write_text("other code\n", encoding="utf-8")
    assert submit(workspace, "first").done is Done.RAN
    (tiny_project / "params.yaml").write_text(params, encoding="utf-8")
    (tiny_project / "src/bioner/code.py").write_text("code\n", encoding="utf-8")
    assert submit(workspace, "first").done is Done.RESTORED
    assert (tiny_project / "first.txt").read_text(encoding="utf-8") == "text\ncode\n"
    assert submit(workspace, "first", force=True).done is Done.RAN
    assert read_graph(workspace).stale == {"second", "other@a", "other@b"}


@pytest.mark.slow
def test_metrics_come_back_with_the_outputs(tiny_project: Path) -> None:
    workspace = Workspace(tiny_project)
    for name in ("first", "second"):
        submit(workspace, name)
    (tiny_project / "metrics/second.json").unlink()
    (tiny_project / "second.txt").unlink()
    assert submit(workspace, "second").done is Done.RESTORED
    assert (tiny_project / "metrics/second.json").is_file()
    assert (tiny_project / "second.txt").is_file()


@pytest.mark.slow
def test_only_the_stage_itself_runs(tiny_project: Path) -> None:
    error = fails(tiny_project, "second")
    assert "first.txt" in error.what
    assert not (tiny_project / "first.txt").exists()


@pytest.mark.slow
def test_a_stage_of_a_profile_runs_in_its_workspace(tiny_project: Path) -> None:
    (tiny_project / "profiles").mkdir()
    (tiny_project / "profiles/small.yaml").write_text("data_root: data/other\n", encoding="utf-8")
    (tiny_project / "data/other").mkdir()
    (tiny_project / "data/other/in.txt").write_text("other text\n", encoding="utf-8")
    workspace = open_workspace(tiny_project, "small")
    assert submit(workspace, "first").done is Done.RAN
    assert (workspace.root / "first.txt").read_text(encoding="utf-8") == "other text\ncode\n"
    assert not (tiny_project / "first.txt").exists()
    assert not (tiny_project / ".bioner").exists()
    assert "Running stage 'first'" in log_of(workspace, "first").read_text(encoding="utf-8")


def test_a_stage_that_says_what_is_wrong_is_quoted_with_its_exit_code(tiny_project: Path) -> None:
    said = "error: no drug\\n  at:   a.jsonl:3\\n  mend: add one"
    stage(tiny_project, "bad", cmd=f"echo worker exited with -9; printf '{said}\\n' >&2; exit 3")
    error = fails(tiny_project, "bad")
    assert error.exit_code == 3
    assert error.what == "stage bad failed: no drug\n  at:   a.jsonl:3\n  mend: add one"
    assert not isinstance(error, KilledError)


@pytest.mark.slow
def test_a_stage_with_a_traceback_points_at_its_log(tiny_project: Path) -> None:
    stage(tiny_project, "bad", cmd=f"{sys.executable} -c 1/0")
    error = fails(tiny_project, "bad")
    assert error.exit_code == StageError.exit_code
    assert "the log has its traceback" in error.what
    assert "ZeroDivisionError" in Path(error.where).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cmd": "true"}, "output 'bad.out' does not exist"),
        pytest.param({"cmd": "true", "deps": ["none.txt"]}, "none.txt", marks=pytest.mark.slow),
    ],
)
def test_what_dvc_refuses_is_told_in_its_words(tiny_project: Path, changes: dict[str, object], said: str) -> None:
    stage(tiny_project, "bad", **changes)
    error = fails(tiny_project, "bad")
    assert said in error.what
    assert "ERROR" not in error.what


@pytest.mark.slow
def test_an_unknown_stage_is_told(tiny_project: Path) -> None:
    assert "'nothing' not found" in fails(tiny_project, "nothing").what


@pytest.mark.parametrize(
    "command",
    [
        "kill -9 $$",
        pytest.param("sh -c 'kill -9 $$'; exit $?", id="seen by a shell", marks=pytest.mark.slow),
    ],
)
def test_a_killed_stage_is_worth_another_try(tiny_project: Path, command: str) -> None:
    stage(tiny_project, "bad", cmd=command)
    error = fails(tiny_project, "bad")
    assert isinstance(error, KilledError)
    assert "resumes from its last checkpoint with: bioner run" in error.mend


def _interrupted(root: Path, action: str) -> subprocess.Popen[str]:
    """A run that submits a stage which waits for ever, once that stage is at work."""
    stage(root, "slow", cmd="echo $$ > pid.part; mv pid.part pid; exec sleep 600")
    script = f"""
import sys
from pathlib import Path
from bioner.errors import StageError
from bioner.pipeline.submit import submit
from bioner.pipeline.workspace import Workspace
try:
    submit(Workspace(Path({str(root)!r})), "slow")
except {action} as error:
    print(type(error).__name__)
"""
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    while not (root / "pid").exists():
        assert run.poll() is None
        time.sleep(0.02)
    return run


@pytest.mark.slow
def test_an_interrupt_ends_the_stage_too(tiny_project: Path) -> None:
    run = _interrupted(tiny_project, "KeyboardInterrupt")
    run.send_signal(2)
    assert run.communicate(timeout=120)[0] == "KeyboardInterrupt\n"
    assert not psutil.pid_exists(int((tiny_project / "pid").read_text(encoding="ascii")))
    assert recorded(Workspace(tiny_project), ["slow"])["slow"].done is Done.FAILED


@pytest.mark.slow
def test_a_killed_dvc_is_worth_another_try(tiny_project: Path) -> None:
    run = _interrupted(tiny_project, "StageError")
    (child,) = psutil.Process(run.pid).children()
    stage_pid = int((tiny_project / "pid").read_text(encoding="ascii"))
    child.kill()
    assert run.communicate(timeout=120)[0] == "KilledError\n"
    end_tree(stage_pid)


@pytest.mark.slow
def test_a_stage_knows_the_run_that_owns_it_and_finds_this_python(tiny_project: Path) -> None:
    stage(tiny_project, "tell", cmd=f"echo ${OWNER} > tell.out; which python >> tell.out")
    submit(Workspace(tiny_project), "tell")
    owner, python = (tiny_project / "tell.out").read_text(encoding="utf-8").split()
    assert owner.startswith(f"{os.getpid()}:")
    assert alive(owner)
    assert Path(python).parent == Path(sys.executable).parent


@pytest.mark.slow
def test_independent_stages_run_side_by_side(tiny_project: Path) -> None:
    workspace, ended = Workspace(tiny_project), list[Record | Exception]()

    def work(name: str) -> None:
        for _ in range(3):
            try:
                ended.append(submit(workspace, name))
            except LockedError as error:
                ended.append(error)
            else:
                return

    for round_ in range(2):
        (tiny_project / "data/sample/in.txt").write_text(f"text {round_}\n", encoding="utf-8")
        threads = [threading.Thread(target=work, args=(name,)) for name in ("first", "other@a", "other@b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        records = [item for item in ended if isinstance(item, Record)]
        assert sorted(record.stage for record in records[-3:]) == ["first", "other@a", "other@b"]
        assert {record.done for record in records} == {Done.RAN}
        assert read_graph(workspace).stale == {"second"}


@pytest.mark.slow
def test_a_stage_waits_for_a_lock_that_is_held_for_long(tiny_project: Path) -> None:
    hold = """
import sys, time
from dvc.repo import Repo
with Repo(sys.argv[1]) as repo, repo.lock:
    print("locked", flush=True)
    time.sleep(6)
"""
    holder = subprocess.Popen([sys.executable, "-c", hold, tiny_project], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    assert submit(Workspace(tiny_project), "first").done is Done.RAN
    assert holder.wait() == 0
