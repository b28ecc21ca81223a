"""Submit one stage to DVC: DVC decides whether it runs, comes from its cache, or is up to date."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bioner.dvc_state import keep_dvc_state_private
from bioner.errors import StageError
from bioner.events import variables as ids_of_events
from bioner.pipeline.record import Done, Record, begin, keep, log_of
from bioner.pipeline.workspace import Workspace
from bioner.processes import OWNER, end_tree, mark

_LOCKED = re.compile(r"[Uu]nable to acquire lock|is busy, it is being blocked")
_EXITED = re.compile(r"failed to run: .*, exited with (-?\d+)", re.DOTALL)
_FAILED = re.compile(r"failed to reproduce '[^']*': ")
_SIGNALLED = 128  # a shell adds this to the number of the signal that ended its command
_MESSAGE = re.compile(r"^error: .*(?:\n  (?:at|mend): .*)*", re.MULTILINE)


class LockedError(StageError):
    """DVC's files were locked by another process: worth another try."""


class KilledError(StageError):
    """The stage's process was killed by a signal: worth one more try, it resumes from its checkpoint."""


def environment() -> dict[str, str]:
    """The environment of everything that a run starts: its owner, the ids of its events, and this Python first."""
    keep_dvc_state_private()  # a worker's flows do not come by the command line
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return os.environ | {"PATH": path, OWNER: mark(), "PYTHONUNBUFFERED": "1", **ids_of_events()}


def submit(
    workspace: Workspace,
    stage: str,
    *,
    force: bool = False,
    variables: Mapping[str, str] | None = None,
    command: str | None = None,
) -> Record:
    """Bring one stage up to date with `dvc repro --single-item`; everything it prints goes to its log.

    Args:
        force: run it even if nothing changed.
        variables: more of its environment.
        command: what resumes it after a failure; by default the run of the workspace.

    Raises:
        LockedError, KilledError: as they say.
        StageError: the stage failed; the message holds its error, its log and the command that resumes.
    """
    log = log_of(workspace, stage)
    log.parent.mkdir(parents=True, exist_ok=True)
    dvc = [sys.executable, "-m", "dvc", "--wait-for-lock"]  # else a stage that has ended could lose its result
    repro = [*dvc, "repro", "--single-item", stage, *(["--force"] if force else [])]
    settings = environment() | dict(variables or {})
    with log.open("w", encoding="utf-8") as out:
        record = begin(workspace, stage)  # only now: whoever sees it may read the log
        process = subprocess.Popen(
            repro, cwd=workspace.root, env=settings, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            code = process.wait()
        except BaseException:
            end_tree(process.pid)
            keep(workspace, record.after(Done.FAILED))
            raise
    text = log.read_text(encoding="utf-8", errors="replace")
    if code:
        keep(workspace, record.after(Done.FAILED))
        raise _failure(stage, text, code, str(log), command or workspace.run_command())
    return keep(workspace, record.after(_done(text, stage)))


def _done(text: str, stage: str) -> Done:
    if f"Stage '{stage}' is cached" in text:
        return Done.RESTORED
    return Done.RAN if f"Running stage '{stage}'" in text else Done.CACHED


def _failure(stage: str, text: str, dvc_code: int, where: str, resume: str) -> StageError:
    """What went wrong, from the log: the stage's own error where it ran, else DVC's last words."""
    last = f"\n{text}".rpartition("\nERROR: ")[2].strip()
    if _LOCKED.search(last):
        return LockedError(f"stage {stage}: DVC's files stayed locked by another process", where=where, mend=resume)
    exited = _EXITED.search(last)
    code = int(exited[1]) if exited else dvc_code
    if code < 0 or (exited and code > _SIGNALLED):
        what = f"stage {stage} was killed by a signal ({code}); out of memory, perhaps"
        return KilledError(what, where=where, mend=f"it resumes from its last checkpoint with: {resume}")
    said = _MESSAGE.findall(text) if exited else []
    if said:
        reason = said[-1].removeprefix("error: ")
    else:
        reason = "an unexpected error; the log has its traceback" if exited else _FAILED.sub("", last)
    failure = StageError(f"stage {stage} failed: {reason}", where=where, mend=f"mend that, then resume with: {resume}")
    failure.exit_code = code if said else StageError.exit_code
    return failure
