"""Processes and their owners: who started this, is it still there, and what did a killed run leave behind."""

from __future__ import annotations

import os
from contextlib import suppress

import psutil

OWNER = "BIONER_OWNER"  # environment variable of everything a run starts: the mark of the run's process
_PATIENCE = 5.0
_CLOSE = 2.0  # seconds between two readings of one process's start; a number is not used again within them


def mark(pid: int | None = None) -> str:
    """A name for a process that no later process with the same number has: `pid:start`, in seconds since boot."""
    process = psutil.Process(pid)
    return f"{process.pid}:{_began(process):.2f}"


def alive(owner: str) -> bool:
    """Whether the process of a mark still runs."""
    pid, _, began = owner.partition(":")
    try:
        process = psutil.Process(int(pid))
        return abs(_began(process) - float(began)) < _CLOSE and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return False


def _began(process: psutil.Process) -> float:
    """Seconds from boot to the start: the time of day that psutil gives moves whenever the clock is corrected."""
    return process.create_time() - psutil.boot_time()


def end_orphans() -> list[int]:
    """End what killed runs of this user left running (servers, DVC, stages), and return the process numbers."""
    mine = {os.getpid(), *(process.pid for process in psutil.Process().parents())}
    return _end([process for process in psutil.process_iter() if process.pid not in mine and _orphaned(process)])


def end_descendants() -> list[int]:
    """End every process that this one started, directly or not, and return the process numbers."""
    return _end(psutil.Process().children(recursive=True))


def end_tree(pid: int) -> list[int]:
    """End a process and every process that it started, the youngest first, and return the process numbers."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        return _end([*reversed(root.children(recursive=True)), root])
    return []


def _orphaned(process: psutil.Process) -> bool:
    try:
        owner = process.environ().get(OWNER)
    except psutil.Error:  # another user's, or gone meanwhile: not ours to end
        return False
    return owner is not None and not alive(owner)


def _end(processes: list[psutil.Process]) -> list[int]:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(processes, _PATIENCE)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, _PATIENCE)
    return [process.pid for process in processes]
