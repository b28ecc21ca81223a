"""The graph is DVC's own: order, parents and staleness in real projects, also while a stage runs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from bioner.errors import ConfigError
from bioner.pipeline.graph import Graph, read_graph
from bioner.pipeline.submit import LockedError, environment
from bioner.pipeline.workspace import Workspace, open_workspace

ALL = ["first", "second", "other@a", "other@b"]


def dvc(root: Path, *arguments: str) -> None:
    from dvc.cli import main

    assert main(["--cd", str(root), *arguments, "--quiet"]) == 0


def edit(root: Path, old: str, new: str, file: str = "dvc.yaml") -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def done(tiny_project: Path) -> Path:
    """The tiny project after a run of everything."""
    dvc(tiny_project, "repro")
    return tiny_project


DIAMOND = Graph(
    {"a": (), "b@1": ("a",), "b@2": ("a",), "c": ("b@1", "b@2"), "d": (), "e": ("d",)}, stale=frozenset({"b@2"})
)


def test_affected_are_the_stale_the_forced_and_all_that_follows() -> None:
    assert DIAMOND.affected() == ["b@2", "c"]
    assert DIAMOND.affected(["d"]) == ["b@2", "c", "d", "e"]
    assert DIAMOND.affected(["a"]) == ["a", "b@1", "b@2", "c"]
    assert Graph(DIAMOND.parents, frozenset()).affected() == []


def test_a_run_may_end_with_stages_and_leaves_out_what_these_do_not_need() -> None:
    assert DIAMOND.leading_to(["b@2"]) == ["a", "b@2"]
    assert DIAMOND.leading_to(["e", "b@1"]) == ["a", "b@1", "d", "e"]
    assert DIAMOND.leading_to([]) == list(DIAMOND.parents)
    assert DIAMOND.affected(["a"], ["b@1"]) == ["a", "b@1"]
    assert DIAMOND.affected(["d"], ["e"]) == ["d", "e"]


def test_a_name_means_a_stage_or_all_its_items() -> None:
    assert DIAMOND.matching("b") == ["b@1", "b@2"]
    assert DIAMOND.matching("b@2") == ["b@2"]
    assert DIAMOND.matching("c") == ["c"]
    for unknown in ("b@3", "x", "@1", ""):
        with pytest.raises(ConfigError, match="there is no stage") as caught:
            DIAMOND.matching(unknown)
        assert caught.value.mend == "stages: a, b@1, b@2, c, d, e"


def test_in_a_fresh_project_everything_is_stale_in_an_order_that_works(tiny_project: Path) -> None:
    graph = read_graph(Workspace(tiny_project))
    assert sorted(graph.parents) == sorted(graph.affected()) == sorted(ALL)
    assert graph.parents["second"] == ("first",)
    assert list(graph.parents).index("first") < list(graph.parents).index("second")
    assert graph.stale == set(ALL)


def test_after_a_run_nothing_is_stale_until_something_changes(done: Path) -> None:
    workspace = Workspace(done)
    assert read_graph(workspace).stale == set()
    limit = f"limit: {workspace.params.curate.limit} "
    edit(done, limit, "limit: 7 ", "params.yaml")
    assert read_graph(workspace).affected() == ["first", "second"]
    edit(done, "limit: 7 ", limit, "params.yaml")
    (done / "second.txt").unlink()
    assert read_graph(workspace).affected() == ["second"]
    (done / "data/sample/in.txt").write_text("other text\n", encoding="utf-8")
    assert read_graph(workspace).stale == {"first", "second", "other@a", "other@b"}


def test_a_cut_off_write_beside_the_inputs_changes_nothing(done: Path) -> None:
    edit(done, 'deps: ["${data_root}/in.txt"]', 'deps: ["${data_root}"]')
    dvc(done, "repro")
    (done / "data/sample/.in.txt.new-123.part").write_text("half", encoding="utf-8")
    assert read_graph(Workspace(done)).stale == set()


def test_a_profile_has_a_graph_of_its_own(done: Path) -> None:
    (done / "profiles").mkdir()
    (done / "profiles" / "small.yaml").write_text("curate: {limit: 10}\n", encoding="utf-8")
    workspace = open_workspace(done, "small")
    assert read_graph(workspace).stale == set(ALL)
    dvc(workspace.root, "repro")
    assert read_graph(workspace).stale == set()
    assert (workspace.root / "first.txt").read_text(encoding="utf-8") == "text\ncode\n"
    (done / "src/bioner/code.py").write_text("other code\n", encoding="utf-8")
    assert read_graph(workspace).affected() == ["first", "second"]
    assert read_graph(Workspace(done)).affected() == ["first", "second"]


def test_another_workspace_that_is_broken_does_no_harm(tiny_project: Path) -> None:
    (tiny_project / "workspaces/broken").mkdir(parents=True)
    (tiny_project / "workspaces/broken/dvc.yaml").write_text("stages: {a: {cmd: [}}", encoding="utf-8")
    assert sorted(read_graph(Workspace(tiny_project)).parents) == sorted(ALL)


def test_data_that_the_user_gave_to_dvc_is_no_stage(tiny_project: Path) -> None:
    (tiny_project / "corpus.txt").write_text("x", encoding="utf-8")
    dvc(tiny_project, "add", "corpus.txt")
    assert sorted(read_graph(Workspace(tiny_project)).parents) == sorted(ALL)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("params: [curate.limit]", "params: [curate.limit", "dvc.yaml"),
        ("outs: [second.txt]", "outs: [first.txt]", "first.txt"),
        ("deps: [first.txt]", "deps: [first.txt, '${nowhere}']", "nowhere"),
        ("deps: [first.txt]", "deps: [second.txt]", "both a dependency and an output"),
        ("stages:", "stagez:", "dvc.yaml' validation failed"),
    ],
)
def test_a_pipeline_that_dvc_refuses_is_told_in_its_words(tiny_project: Path, old: str, new: str, said: str) -> None:
    edit(tiny_project, old, new)
    with pytest.raises(ConfigError, match="DVC cannot read the pipeline") as caught:
        read_graph(Workspace(tiny_project))
    assert said in caught.value.what
    assert caught.value.where == str(tiny_project)


def test_a_pipeline_that_is_not_there(tiny_project: Path) -> None:
    (tiny_project / "dvc.yaml").unlink()
    with pytest.raises(ConfigError, match=r"dvc\.yaml"):
        read_graph(Workspace(tiny_project))


@pytest.mark.slow
def test_the_graph_can_be_read_while_a_stage_runs(done: Path) -> None:
    pipeline = yaml.safe_load((done / "dvc.yaml").read_text(encoding="utf-8"))
    pipeline["stages"]["first"]["cmd"] = "touch started; while [ ! -e go ]; do sleep 0.1; done; echo x > first.txt"
    (done / "dvc.yaml").write_text(yaml.safe_dump(pipeline), encoding="utf-8")
    command = [sys.executable, "-m", "dvc", "repro", "--single-item", "first"]
    running = subprocess.Popen(command, cwd=done, env=environment(), stdout=subprocess.DEVNULL)
    while not (done / "started").exists():
        assert running.poll() is None
        time.sleep(0.05)
    assert read_graph(Workspace(done)).affected() == ["first", "second"]
    (done / "go").touch()
    assert running.wait(timeout=180) == 0
    assert read_graph(Workspace(done)).stale == {"second"}


_LOCK = """
import sys
from dvc.repo import Repo
with Repo(sys.argv[1]) as repo, repo.lock:
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_a_lock_that_stays_is_worth_another_try(tiny_project: Path) -> None:
    command = [sys.executable, "-c", _LOCK, tiny_project]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    with pytest.raises(LockedError, match="locked by another process"):
        read_graph(Workspace(tiny_project))
    holder.communicate("")
    assert read_graph(Workspace(tiny_project)).stale


def test_stages_that_compute_on_many_cores_are_known(repository: Path) -> None:
    threaded = {stage.partition("@")[0] for stage in read_graph(Workspace(repository)).threaded}
    assert threaded == {"tagger", "selector", "distill", "pretrain", "finetune", "evaluate"}
