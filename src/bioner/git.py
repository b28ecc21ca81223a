"""Asking git: one way to run it, with an answer, with none, or with an error that says what it refused."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bioner.errors import StageError

# Of commits; the environment may name another author. Nobody is there to be asked for a password.
_DEFAULTS = {
    "GIT_AUTHOR_NAME": "BioNER Foundry",
    "GIT_AUTHOR_EMAIL": "bioner@localhost",
    "GIT_COMMITTER_NAME": "BioNER Foundry",
    "GIT_COMMITTER_EMAIL": "bioner@localhost",
}


def run_git(
    folder: Path, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes] | None:
    """Run a git command in a repository; `None` where git is not installed.

    Args:
        given: what it reads from its standard input.
        variables: more of its environment.
    """
    environment = {**_DEFAULTS, **os.environ, "GIT_TERMINAL_PROMPT": "0", **(variables or {})}
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, input=given, capture_output=True, check=False, env=environment)
    except FileNotFoundError:
        return None


def ask_git(folder: Path, *arguments: str) -> str | None:
    """What git says, without blanks at the end; `None` where it refuses or is not installed."""
    done = run_git(folder, *arguments)
    return done.stdout.decode("utf-8", "replace").rstrip() if done and done.returncode == 0 else None


def need_git(folder: Path, *arguments: str) -> str:
    """What git says, without blanks at the end.

    Raises:
        StageError: it refuses; the message has its reason.
    """
    done = run_git(folder, *arguments)
    if done is None:
        raise StageError("git is not installed", mend="install git")
    if done.returncode:
        reason = (done.stderr.decode("utf-8", "replace").strip() or "no reason given").splitlines()[-1]
        mend = "see that the repository can be reached and written, then do the same again"
        raise StageError(f"git {arguments[0]} failed: {reason}", where=str(folder), mend=mend)
    return done.stdout.decode("utf-8", "replace").rstrip()
