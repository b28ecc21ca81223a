"""Running `bioner` from a flow: with the code of a folder, a limit of time, and an end to all of it when cancelled."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run

from bioner.errors import RegistryError, StageError
from bioner.events import within
from bioner.pipeline.submit import environment
from bioner.processes import end_tree

_HOUR = 3600
_TAIL = 100  # lines of what went to the log that are looked at for the error
_LAST_WORDS = 5.0  # seconds: who still has the pipe after the command has ended is not waited for
_ERROR = "error: "  # how the command line begins what went wrong


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said.

    Attributes:
        out: what it printed; empty where that went to the log of the worker.
        problem: what went wrong, in its own words; empty if nothing did.
    """

    code: int
    out: str
    problem: str


def bioner(folder: Path, variables: Mapping[str, str], *arguments: str, hours: float, kept: bool = False) -> Answer:
    """Run a verb of `bioner` in a folder.

    Args:
        variables: more of its environment.
        hours: how long it may take.
        kept: whether its output is returned; else it goes to the log of the worker.

    Raises:
        StageError: it took longer.
    """
    out = subprocess.PIPE if kept else None
    with within(scheduled_run=flow_run.get_id()):  # `bioner run` has a flow run of its own, within this one
        environ = {**environment(), **variables}
    command = ["bioner", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=environ, stdout=out, stderr=subprocess.PIPE, text=True)
    try:
        printed, said = _listen(process, hours * _HOUR, kept=kept)
    except BaseException as error:
        end_tree(process.pid)  # cancelled, or too late: it must not go on by itself
        if isinstance(error, subprocess.TimeoutExpired):
            mend = "see what it waits for, or give the deployment more `hours`; the next run resumes it"
            what = f"bioner {arguments[0]} took longer than {hours:g} hours and was ended"
            raise StageError(what, where=str(folder), mend=mend) from error
        raise
    return Answer(process.returncode, printed, f"\n{said}".rpartition(f"\n{_ERROR}")[2].strip())


def _listen(process: subprocess.Popen[str], seconds: float, *, kept: bool) -> tuple[str, str]:
    """What a command prints where that is kept, and what it complains of; else both go to the log of the worker."""
    if kept:
        return process.communicate(timeout=seconds)
    last: deque[str] = deque(maxlen=_TAIL)
    listener = threading.Thread(target=_pass_on, args=(process.stderr, last), daemon=True)
    listener.start()
    process.wait(timeout=seconds)
    listener.join(_LAST_WORDS)
    return "", "".join(last)


def _pass_on(said: IO[str], last: deque[str]) -> None:
    for line in said:
        last.append(line)
        sys.stderr.write(line)


def failure(answer: Answer, *arguments: str, where: Path) -> StageError:
    """The error of a command that failed; it has the command's exit code."""
    what = answer.problem or f"bioner {' '.join(arguments)} failed with exit code {answer.code}"
    error = StageError(
        what, where=str(where), mend="see the log of the worker and of the stage; the next run resumes it"
    )
    error.exit_code = answer.code
    return error


def registry_away(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Whether a task failed for want of the registry: that is worth another try, anything else repeats itself."""
    error = state.result(raise_on_failure=False)
    return getattr(error, "exit_code", None) == RegistryError.exit_code
