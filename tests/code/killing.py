"""Trainings in processes of their own that are killed at chosen steps."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any


def forkserver(preload: Sequence[str]) -> Any:
    """What starts the processes: it imports once for all that follow."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(list(preload))
    return server


def killed_at(
    server: Any,
    steps: Iterable[int],
    report: Callable[..., None],
    arguments: Sequence[str],
    *,
    checkpoint: Path,
    out: Path,
) -> None:
    """Begin a training and kill it, once for each step; every time it leaves a checkpoint and no result.

    Args:
        report: trains, with a pipe before its arguments through which it sends the number of each step.
    """
    for step in steps:
        mine, its = server.Pipe(duplex=False)
        victim = server.Process(target=report, args=(its, *arguments))
        victim.start()
        its.close()
        while mine.recv() < step:
            pass
        victim.kill()
        victim.join()
        assert victim.exitcode == -9
        assert checkpoint.is_file()
        assert not out.exists()
