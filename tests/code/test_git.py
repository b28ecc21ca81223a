"""Asking git: an answer, none, or an error with its reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bioner.errors import StageError
from bioner.git import ask_git, need_git, run_git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main", tmp_path], check=True)
    return tmp_path


def test_it_answers_commits_by_nobody_and_says_why_it_refuses(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name, raising=False)
    need_git(repository, "commit", "--quiet", "--allow-empty", "-m", "words")
    assert ask_git(repository, "log", "--format= %an: %s") == " BioNER Foundry: words"
    assert ask_git(repository, "rev-parse", "--verify", "nothing") is None
    with pytest.raises(StageError, match="git rev-parse failed: fatal: Needed a single revision") as caught:
        need_git(repository, "rev-parse", "--verify", "nothing")
    assert caught.value.where == str(repository)


def test_what_it_is_given_and_its_environment_reach_it(repository: Path) -> None:
    kept = run_git(repository, "hash-object", "--stdin", given=b"text")
    assert kept is not None
    assert kept.stdout.strip() == b"f3a34851d44d6b97c90fbb99dd3d18c261b9a237"  # pragma: allowlist secret
    elsewhere = run_git(repository, "rev-parse", "--git-dir", variables={"GIT_DIR": "/nowhere"})
    assert elsewhere is not None
    assert elsewhere.returncode


def test_without_git_there_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_git(tmp_path, "version") is None
    assert ask_git(tmp_path, "version") is None
    with pytest.raises(StageError, match="git is not installed"):
        need_git(tmp_path, "version")
