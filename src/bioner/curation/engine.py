"""Where chunks of work are done: in this process, in a pool of processes or on Ray; the results are the same."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection
from typing import Any, TypeVar

from bioner.config import Engine
from bioner.errors import ConfigError
from bioner.local_cluster import ray_options

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_WAITING = 2  # chunks that each worker has at most, done or not: what is held in memory

_task: list[Callable[[Any], Any]] = []  # of a worker process, which is given it once


def ordered(task: Callable[[Chunk], Result], chunks: Iterable[Chunk], engine: Engine, workers: int) -> Iterator[Result]:
    """The result of each chunk, in the order of the chunks.

    Args:
        task: can be pickled; each worker gets one copy.
        chunks: taken as they are needed.
        engine: `processes` of this machine (one worker is this process), or `ray`: the cluster that the environment
            variable `RAY_ADDRESS` names, otherwise one of this machine.
        workers: how many chunks are worked on at once.

    Raises:
        ConfigError: Ray is asked for and not installed.
    """
    if engine == "ray":
        yield from _on_ray(task, chunks, workers)
    elif workers == 1:
        yield from map(task, chunks)
    else:
        spawn = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks
        with ProcessPoolExecutor(workers, spawn, initializer=_begin, initargs=(task,)) as pool:
            yield from _in_flight(
                chunks, lambda chunk: pool.submit(_work, chunk), lambda future: future.result(), workers
            )


def _on_ray(task: Callable[[Chunk], Result], chunks: Iterable[Chunk], workers: int) -> Iterator[Result]:
    try:
        import ray
    except ImportError as error:
        mend = "pip install 'bioner-foundry[ray]', or set curate.engine to processes"
        raise ConfigError("Ray is not installed", where="curate.engine", mend=mend) from error
    ours = not ray.is_initialized()
    if ours:
        ray.init(**ray_options(workers))
    try:
        shared, call = ray.put(task), ray.remote(_call)
        yield from _in_flight(chunks, lambda chunk: call.remote(shared, chunk), ray.get, workers)
    finally:
        if ours:
            ray.shutdown()


def _in_flight(
    chunks: Iterable[Chunk], submit: Callable[[Chunk], Any], wait: Callable[[Any], Result], workers: int
) -> Iterator[Result]:
    waiting: deque[Any] = deque()
    for chunk in chunks:
        waiting.append(submit(chunk))
        if len(waiting) >= _WAITING * workers:
            yield wait(waiting.popleft())
    while waiting:
        yield wait(waiting.popleft())


def _call(task: Callable[[Chunk], Result], chunk: Chunk) -> Result:
    return task(chunk)


def _begin(task: Callable[[Any], Any]) -> None:
    _task.append(task)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool does not end its workers when its process is killed."""
    parent = multiprocessing.parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)


def _work(chunk: Any) -> Any:
    return _task[0](chunk)
