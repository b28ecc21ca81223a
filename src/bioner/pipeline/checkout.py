"""A clean checkout of the project for scheduled runs, and the branch on which their results are committed.

Nobody works in it, so that a run is made of what git and the DVC remote hold and of nothing else. What it leaves is
one commit on top of the code and of the results before: the branch of results can always be fast-forwarded.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioner.errors import StageError
from bioner.pipeline.workspace import Workspace, find_project, open_workspace
from bioner.project import STATE, TRACKING_URI, tracking_uri

_OURS = ("dvc.lock", "metrics", "workspaces")  # what the pipeline writes and git keeps: the rest is the team's
_KEPT = (str(STATE), ".dvc/cache", ".dvc/tmp", ".dvc/config.local")  # caches and checkpoints outlive a run
_AUTHOR = {
    "NAME": "BioNER Foundry",
    "EMAIL": "bioner@localhost",
}  # of commits; the environment may name another


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
        _git(self.folder, "add", "--all", "--", *ours)
        tree = _git(self.folder, "write-tree")
        before = _tip(self.folder, self.results)
        parents = [parent for parent in (before, self._code_after(before)) if parent]
        if parents == [before] and tree == _git(self.folder, "rev-parse", f"{before}^{{tree}}"):
            commit = parents[0]
        else:
            named = [option for parent in parents for option in ("-p", parent)]
            commit = _git(self.folder, "commit-tree", tree, *named, "-m", message)
        _git(self.folder, "reset", "--quiet", "--soft", commit)
        return commit

    def _code_after(self, results: str | None) -> str | None:
        """The commit of the code, unless the results lie on top of it already."""
        if results and not _git(self.folder, "rev-list", "--max-count=1", self.code, f"^{results}"):
            return None
        return self.code

    def push(self) -> None:
        """Push the present commit to the branch of results.

        Raises:
            StageError: the repository cannot be reached, or another run pushed meanwhile.
        """
        _git(self.folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{self.results}")


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
    with _held(folder):
        if not (folder / ".git").is_dir():
            _git(folder, "init", "--quiet")
            _git(folder, "remote", "add", "origin", _origin(project))
        _git(folder, "fetch", "--quiet", "--prune", "origin")
        code = _tip(folder, branch)
        if code is None:
            mend = f"push it, or give the deployment the branch of the code (parameter `branch`): {branch!r} is none"
            raise StageError(f"the repository has no branch {branch!r}", where=_origin(project), mend=mend)
        _git(folder, "checkout", "--quiet", "--force", "--detach", code)
        _git(folder, "clean", "--quiet", "-ffdx", *(f"--exclude={name}" for name in _KEPT))
        before = _tip(folder, results)
        for name in _OURS if before else ():
            if _git(folder, "ls-tree", "--name-only", str(before), name):
                _git(folder, "checkout", "--quiet", str(before), "--", name)
        _share_remote(project, folder)
        yield Checkout(project, folder, profile, code, results)


def _origin(project: Path) -> str:
    remotes = _git(project, "remote").splitlines()
    return _git(project, "remote", "get-url", "origin") if "origin" in remotes else str(project)


def _share_remote(project: Path, folder: Path) -> None:
    """Let the checkout use the DVC remote of the project: a folder is named from where the project lies."""
    from dvc.config import Config

    theirs = Config(dvc_dir=str(project / ".dvc"))
    name = theirs["core"].get("remote")
    if name is None:
        return
    with Config(dvc_dir=str(folder / ".dvc")).edit("local") as ours:
        ours["remote"] = {name: dict(theirs["remote"][name])}


def _tip(folder: Path, branch: str) -> str | None:
    """The commit of a branch of `origin`."""
    found = _git(folder, "for-each-ref", "--format=%(objectname)", f"refs/remotes/origin/{branch}")
    return found or None


def _git(folder: Path, *arguments: str) -> str:
    """What git says.

    Raises:
        StageError: it refuses; the message has its reason.
    """
    author = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _AUTHOR.items()}
    environment = {**author, **os.environ, "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        mend = "see that the repository can be reached and written, then run the deployment again"
        raise StageError(f"git {arguments[0]} failed: {reason}", where=str(folder), mend=mend)
    return done.stdout.strip()


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep other runs out of the checkout; the system ends this with the process.

    Raises:
        StageError: another run holds it.
    """
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            mend = "give the deployment a concurrency limit of 1, or let the other one end"
            raise StageError("another scheduled run is at work here", where=str(folder), mend=mend) from error
        yield
