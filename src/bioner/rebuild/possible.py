"""Whether a version can be rebuilt at all, and what may keep the result from being the same."""

from __future__ import annotations

import platform
import socket
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from bioner.audit.subject import Subject
from bioner.audit.values import flat
from bioner.errors import RegistryError, StageError
from bioner.files import hash_file
from bioner.lineage.kept import environment
from bioner.lineage.pipeline import Stage

_CLEAN = "clean"
_REMOTE_BACKENDS = ("endpoint",)


def check(subject: Subject) -> None:
    """Make sure that what was kept with a version is enough to make it again.

    Raises:
        RegistryError: what says how it was made was not kept, or was changed.
        StageError: the code that made it was never committed, or its model began as one of the registry.
    """
    lock = subject.file("dvc.lock")
    if lock is None or subject.file("params.yaml") is None or not subject.stages:
        mend = "register it again with `bioner run`; until then nothing says what it was made from"
        raise RegistryError("no pipeline was kept with this version", where=subject.name, mend=mend)
    if hash_file(lock) != subject.version.tags.get("bioner.lock"):
        mend = f"see what was changed: bioner audit {subject.name}"
        raise RegistryError("the dvc.lock kept with this version is not the one that was registered", mend=mend)
    _check_commit(subject)
    named = sorted({str(value) for value in flat(subject.params).values() if str(value).startswith("mlflow:")})
    if named:
        what = f"it begins as a model of the registry ({', '.join(named)}), which a rebuild does not touch"
        raise StageError(
            what, where="params.yaml", mend="rebuild that one; then start this one from its folder (path:)"
        )


def check_teacher(subject: Subject, stages: Sequence[Stage]) -> None:
    """Make sure that no teacher is asked again who answers otherwise each time, and charges for it.

    Args:
        stages: those that are to run.

    Raises:
        StageError: one of them would ask.
    """
    asked = subject.params.get("teacher", {}).get("backend") in _REMOTE_BACKENDS
    if asked and "distill" in {stage.name for stage in stages}:
        what = "the teacher is behind an endpoint: its answers would be paid for again, and could be others"
        mend = "take those of that time from the DVC remote: --given distill"
        raise StageError(what, where="stage distill", mend=mend)


def _check_commit(subject: Subject) -> None:
    tags = subject.version.tags
    commit, state = tags.get("bioner.git.commit", "none"), tags.get("bioner.git.state", "none")
    if commit == "none":
        mend = "put the project under git, and register a version from a commit"
        raise StageError("the version names no commit: its code is not known", where=subject.name, mend=mend)
    if state == _CLEAN:
        return
    run = subject.run.data.tags
    changed = run.get("bioner.git.changed", "").split() if run.get("bioner.git.commit") == commit else []
    named = f" ({', '.join(changed)})" if changed else ""
    what = f"the code was not committed when the version was made: tracked files{named} differed from commit {commit}"
    raise StageError(what, where=subject.name, mend="commit first, then `bioner run`: such a version can be rebuilt")


def warnings(subject: Subject) -> Iterator[str]:
    """What is different here from where the version was made: each may change the last digits of weights."""
    needed = environment(subject.client, subject.version)
    if not needed:
        yield "the environment of that time was not kept"
    for line in needed:
        name, _, then = line.partition("==")
        now = _version(name)
        if then and now != then:
            yield f"{name} {then} made it, here is {now or 'none'}"
    host = subject.run.data.tags.get("bioner.host")
    if host not in (None, socket.gethostname()):
        yield f"it was made on another machine ({host}): sums of floating-point numbers may differ"


def _version(package: str) -> str | None:
    if package == "python":
        return platform.python_version()
    try:
        return installed(package).partition("+")[0]
    except PackageNotFoundError:
        return None
