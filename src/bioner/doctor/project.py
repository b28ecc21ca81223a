"""Checks of the project's folder: who may write where, git with its remote, and the DVC remote."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from bioner.doctor.finding import Finding, failure, good, warning
from bioner.git import run_git
from bioner.project import STATE

_WRITTEN = (".", str(STATE), ".dvc", ".dvc/cache", ".git", "data", "metrics", "models", "predictions", "reports")
_WITH_SECRETS = (".dvc/config.local", "docker/secrets")
_SPEED = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=10")
_SSH = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=10"}
_TRIAL = b"written by bioner doctor"


def permissions(project: Path) -> Iterator[Finding]:
    """Whether this user may write what the pipeline writes, and whether others may read secrets."""
    closed = [name for name in _WRITTEN if (project / name).exists() and not os.access(project / name, os.W_OK)]
    if closed:
        yield failure(f"this user may not write {', '.join(closed)}", f"chown -R {os.getuid()} {closed[0]}")
    else:
        yield good("this user may write what the pipeline writes")
    for name in _WITH_SECRETS:
        place = project / name
        if place.exists() and place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield warning(f"other users may read {name}, which may hold secrets", f"chmod go-rwx {name}")


def git(project: Path) -> Iterator[Finding]:
    """Whether git knows the project, and whether its remote takes what a scheduled run pushes."""
    head = run_git(project, "rev-parse", "--short", "HEAD")
    if head is None or head.returncode:
        yield failure("git does not know this project", "install git, and work in a clone of the repository")
        return
    yield good(f"git has the project at {head.stdout.decode().strip()}")
    where = run_git(project, "remote", "get-url", "origin")
    if where is None or where.returncode:
        yield warning("git has no remote `origin`: scheduled runs push to this folder", "git remote add origin ADDRESS")
        return
    origin = where.stdout.decode().strip()
    trial = ("push", "--dry-run", "--no-verify", "--quiet", "origin", "HEAD:refs/heads/bioner-doctor")
    tried = run_git(project, *_SPEED, *trial, variables=_SSH)
    if tried is None or tried.returncode:
        reason = tried.stderr.decode("utf-8", "replace").strip().splitlines() if tried else []
        mend = "check the address and this user's key or token for it"
        yield failure(f"{origin} would take no push: {reason[-1] if reason else 'no reason given'}", mend)
    else:
        yield good(f"{origin} would take a push")


def remote(project: Path) -> Iterator[Finding]:
    """Whether the DVC remote takes a file, gives it back and deletes it."""
    from dvc.repo import Repo

    with Repo(str(project)) as repo:
        name = repo.config["core"].get("remote")
        if name is None:
            yield failure("DVC has no default remote", "dvc remote add --default NAME ADDRESS")
            return
        place = repo.cloud.get_remote(name)
        files = place.fs
        trial = files.join(place.path, f"bioner-doctor-{uuid4().hex}")
        files.makedirs(place.path, exist_ok=True)
        try:
            with files.open(trial, "wb") as out:
                out.write(_TRIAL)
            with files.open(trial, "rb") as written:
                same = written.read() == _TRIAL
        finally:
            if files.exists(trial):
                files.remove(trial)
    where = f"{name} ({files.protocol}: {place.path})"
    if same:
        yield good(f"the DVC remote {where} is read and written")
    else:
        yield failure(f"the DVC remote {where} gave back something else", "check what stands between here and it")
