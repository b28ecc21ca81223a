"""The checkout of scheduled runs: clean, alone, and every result a commit that can be fast-forwarded to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from dvc.config import Config

from bioner.errors import StageError
from bioner.pipeline.checkout import open_checkout
from bioner.pipeline.remote import pull, push
from bioner.pipeline.workspace import Workspace

_WHO = ("-c", "user.name=test", "-c", "user.email=test@example.org")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *_WHO, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tiny_project: Path, tmp_path: Path) -> Path:
    """The tiny project on a branch `main`, with a remote `origin` that nobody works in."""
    git(tiny_project, "checkout", "--quiet", "-b", "main")
    (tiny_project / ".gitignore").write_text(".bioner/\n*.txt\n!in.txt\n", encoding="utf-8")
    git(tiny_project, "add", "--all")
    git(tiny_project, "commit", "--quiet", "-m", "start")
    git(tmp_path, "clone", "--quiet", "--bare", str(tiny_project), "origin.git")
    git(tiny_project, "remote", "add", "origin", str(tmp_path / "origin.git"))
    return tiny_project


def _results(project: Path, **files: str) -> str:
    """One scheduled run that leaves these metrics; its commit."""
    with open_checkout(project, None, "main", "retrained") as checkout:
        (checkout.folder / "metrics").mkdir(exist_ok=True)
        for name, text in files.items():
            (checkout.folder / "metrics" / f"{name}.json").write_text(text, encoding="utf-8")
        commit = checkout.commit("Retrained")
        checkout.push()
    return commit


def test_it_holds_what_was_committed_and_nothing_that_lay_about(project: Path) -> None:
    (project / "params.yaml").write_text("changed, and not committed", encoding="utf-8")
    for earlier in (False, True):
        with open_checkout(project, None, "main", "retrained") as checkout:
            assert git(checkout.folder, "status", "--porcelain", "--ignored=no") == ""
            assert not (checkout.folder / "stray.txt").exists()
            assert checkout.code == git(project, "rev-parse", "main")
            assert checkout.environment["MLFLOW_TRACKING_URI"] == f"sqlite:///{project}/.bioner/mlflow.db"
            (checkout.folder / "stray.txt").write_text("of an earlier run", encoding="utf-8")
            (checkout.folder / "params.yaml").write_text("of an earlier run", encoding="utf-8")
            state = checkout.folder / ".bioner" / "checkpoint"
            assert state.exists() == earlier  # what a killed run goes on from is kept
            state.parent.mkdir(exist_ok=True)
            state.touch()


def test_results_lie_on_a_branch_of_their_own_beside_the_code_they_were_made_by(project: Path, tmp_path: Path) -> None:
    first = _results(project, f1="0.5")
    assert _results(project) == first  # nothing changed: no commit
    (project / "new.md").write_text("new", encoding="utf-8")
    git(project, "add", "new.md")
    git(project, "commit", "--quiet", "-m", "new code")
    git(project, "push", "--quiet", "origin", "main")
    second = _results(project, f1="0.6")
    origin = tmp_path / "origin.git"
    assert git(origin, "rev-parse", "retrained") == second
    assert git(origin, "rev-parse", f"{second}^1", f"{second}^2").split() == [first, git(project, "rev-parse", "main")]
    assert git(origin, "show", "retrained:metrics/f1.json") == "0.6"
    assert git(origin, "show", "retrained:new.md") == "new"
    assert git(origin, "log", "--format=%s", "main") == "new code\nstart"  # the branch of the code is the team's


def test_new_code_without_new_results_is_a_commit_too(project: Path) -> None:
    first = _results(project, f1="0.5")
    git(project, "commit", "--quiet", "--allow-empty", "-m", "a word in a comment")
    git(project, "push", "--quiet", "origin", "main")
    second = _results(project)
    assert second != first
    assert git(project / ".bioner/scheduled/main", "rev-list", "--parents", "-1", second).split()[1] == first


def test_a_push_that_came_between_is_refused_and_loses_nothing(project: Path, tmp_path: Path) -> None:
    _results(project, f1="0.5")
    git(tmp_path, "clone", "--quiet", "--branch", "retrained", str(tmp_path / "origin.git"), "other")
    with open_checkout(project, None, "main", "retrained") as checkout:
        git(tmp_path / "other", "commit", "--quiet", "--allow-empty", "-m", "between")
        git(tmp_path / "other", "push", "--quiet")
        (checkout.folder / "metrics/f1.json").write_text("0.6", encoding="utf-8")
        checkout.commit("Retrained")
        with pytest.raises(StageError, match="git push failed"):
            checkout.push()
    assert git(tmp_path / "origin.git", "log", "-1", "--format=%s", "retrained") == "between"
    _results(project, f1="0.6")
    assert git(tmp_path / "origin.git", "log", "--format=%s", "retrained").split("\n") == [
        *("Retrained", "between", "Retrained", "start")
    ]


def test_two_at_once_the_second_is_refused(project: Path) -> None:
    with open_checkout(project, None, "main", "retrained"):
        with (
            pytest.raises(StageError, match="another scheduled run"),
            open_checkout(project, None, "main", "retrained"),
        ):
            pass
        with (
            pytest.raises(StageError, match="no branch 'nowhere'"),
            open_checkout(project, "p", "nowhere", "retrained"),
        ):
            pass  # another profile has a checkout of its own


def test_a_repository_that_is_gone_is_one_message(project: Path, tmp_path: Path) -> None:
    (tmp_path / "origin.git").rename(tmp_path / "moved.git")
    with pytest.raises(StageError, match="git fetch failed") as caught, open_checkout(project, None, "main", "r"):
        pass
    assert "reached" in caught.value.mend


@pytest.mark.slow
def test_data_come_from_the_remote_of_the_project(project: Path) -> None:
    from dvc.cli import main

    assert main(["--cd", str(project), "repro", "--quiet"]) == 0
    push(Workspace(project))
    git(project, "add", "dvc.lock", "metrics")
    git(project, "commit", "--quiet", "-m", "results")
    git(project, "push", "--quiet", "origin", "main")
    with open_checkout(project, None, "main", "retrained") as checkout:
        remote = Config(dvc_dir=str(checkout.folder / ".dvc"))["remote"]["local"]["url"]
        assert Path(remote) == project / ".bioner/remote"
        pull(checkout.workspace)
        assert (checkout.folder / "second.txt").read_bytes() == (project / "second.txt").read_bytes()
        (project / ".bioner/remote").rename(project / ".bioner/moved")
        pull(checkout.workspace)  # a stage whose output is nowhere is run again
