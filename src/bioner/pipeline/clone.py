"""Clones of the project: where they come from, and how they reach the data."""

from __future__ import annotations

from pathlib import Path

from bioner.git import need_git


def origin_of(project: Path) -> str:
    """Where the project was cloned from (its remote `origin`), or the project itself where it has no such remote."""
    remotes = need_git(project, "remote").splitlines()
    return need_git(project, "remote", "get-url", "origin") if "origin" in remotes else str(project)


def share_remote(project: Path, folder: Path) -> None:
    """Let a clone use the DVC remote of the project: a folder is named from where the project lies."""
    from dvc.config import Config

    theirs = Config(dvc_dir=str(project / ".dvc"))
    name = theirs["core"].get("remote")
    if name is None:
        return
    with Config(dvc_dir=str(folder / ".dvc")).edit("local") as ours:
        ours["remote"] = {name: dict(theirs["remote"][name])}
