"""A clean checkout of the project for scheduled runs, and the branch on which their results are committed.

Nobody works in it, so that a run is made of what git and the DVC remote hold and of nothing else. What it leaves is
one commit on top of the code and of the results before: the branch of results can always be fast-forwarded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioner.errors import StageError
from bioner.git import need_git
from bioner.pipeline.clone import origin_of, share_remote
from bioner.pipeline.exclusive import hold
from bioner.pipeline.workspace import Workspace, find_project, open_workspace
from bioner.project import STATE, TRACKING_URI, tracking_uri

_OURS = ("dvc.lock", "metrics", "workspaces")  # what the pipeline writes and git keeps: the rest is the team's
_KEPT = (str(STATE), ".dvc/cache", ".dvc/tmp", ".dvc/config.local")  # caches and checkpoints outlive a run


@dataclass(frozen=True, slots=True)
class Checkout:
    """A clone of the project's repository, at the tip of its code, with the results of earlier scheduled runs.

    Attributes:
        project: the project that it is a clone of; its tracking store and DVC remote are used.
        folder: where the clone lies.
        profile: the profile that runs in it, if any.
        code: the commit of the code.
        results: the branch of results.
    """

    project: Path
    folder: Path
    profile: str | None
    code: str
    results: str

    @property
    def workspace(self) -> Workspace:
        """Where its pipeline runs."""
        return Workspace(self.folder, self.profile)

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which a command in the checkout runs its code, and writes to the project's tracking store."""
        path = os.pathsep.join(filter(None, (str(self.folder / "src"), os.environ.get("PYTHONPATH"))))
        return {"PYTHONPATH": path, TRACKING_URI: tracking_uri(self.project)}

    @property
    def data_root(self) -> list[str]:
        """The option that names the corpora of a profile where they lie outside of the repository."""
        if self.profile is None:
            return []
        workspace = open_workspace(self.project, self.profile)
        place = (workspace.root / workspace.params.data_root).resolve()
        return [] if place.is_relative_to(self.project) else ["--data-root", str(place)]

    def commit(self, message: str) -> str:
        """Commit what the pipeline wrote, if it changed, on top of the code and of the results before.

        Returns:
            The commit that holds the present state.
        """
        ours = [name for name in _OURS if (self.folder / name).exists()]
        need_git(self.folder, "add", "--all", "--", *ours)
        tree = need_git(self.folder, "write-tree")
        before = _tip(self.folder, self.results)
        parents = [parent for parent in (before, self._code_after(before)) if parent]
        if parents == [before] and tree == need_git(self.folder, "rev-parse", f"{before}^{{tree}}"):
            commit = parents[0]
        else:
            named = [option for parent in parents for option in ("-p", parent)]
            commit = need_git(self.folder, "commit-tree", tree, *named, "-m", message)
        need_git(self.folder, "reset", "--quiet", "--soft", commit)
        return commit

    def _code_after(self, results: str | None) -> str | None:
        """The commit of the code, unless the results lie on top of it already."""
        if results and not need_git(self.folder, "rev-list", "--max-count=1", self.code, f"^{results}"):
            return None
        return self.code

    def push(self) -> None:
        """Push the present commit to the branch of results.

        Raises:
            StageError: the repository cannot be reached, or another run pushed meanwhile.
        """
        need_git(self.folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{self.results}")


@contextmanager
def open_checkout(start: Path, profile: str | None, branch: str, results: str) -> Iterator[Checkout]:
    """A clean checkout of the project that `start` lies in, held by this process alone.

    It is cloned from where the project was (its remote `origin`), or from the project itself where it has no such
    remote, once; later it is brought to the tip of the branch. Files that git does not know are deleted, caches apart.

    Args:
        branch: the code.
        results: the branch on which `dvc.lock`, metrics and composed params are committed.

    Raises:
        StageError: git refuses, or another run holds the checkout.
    """
    project = find_project(start)
    folder = project / STATE / "scheduled" / (profile or "main")
    folder.mkdir(parents=True, exist_ok=True)
    mend = "give the deployment a concurrency limit of 1, or let the other one end"
    with hold(folder.with_suffix(".lock"), "another scheduled run is at work here", str(folder), mend):
        if not (folder / ".git").is_dir():
            need_git(folder, "init", "--quiet")
            need_git(folder, "remote", "add", "origin", origin_of(project))
        need_git(folder, "fetch", "--quiet", "--prune", "origin")
        code = _tip(folder, branch)
        if code is None:
            mend = f"push it, or give the deployment the branch of the code (parameter `branch`): {branch!r} is none"
            raise StageError(f"the repository has no branch {branch!r}", where=origin_of(project), mend=mend)
        need_git(folder, "checkout", "--quiet", "--force", "--detach", code)
        need_git(folder, "clean", "--quiet", "-ffdx", *(f"--exclude={name}" for name in _KEPT))
        before = _tip(folder, results)
        for name in _OURS if before else ():
            if need_git(folder, "ls-tree", "--name-only", str(before), name):
                need_git(folder, "checkout", "--quiet", str(before), "--", name)
        share_remote(project, folder)
        yield Checkout(project, folder, profile, code, results)


def _tip(folder: Path, branch: str) -> str | None:
    """The commit of a branch of `origin`."""
    found = need_git(folder, "for-each-ref", "--format=%(objectname)", f"refs/remotes/origin/{branch}")
    return found or None
