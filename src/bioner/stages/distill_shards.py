"""Shards of a distillation, annotated by workers: a Prefect flow on threads, Dask or Ray.

A worker is told by paths, opens the teacher for itself and stores its answers in the teacher's cache as they come in.
The stage writes the shards, and reads from the cache in the end: how many workers there were, and where, leaves no
trace in what it writes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from bioner.config import Params, parse_params
from bioner.files import read_json, write_json
from bioner.progress import track
from bioner.stages import layout
from bioner.stages.context import Context
from bioner.stages.distill_runners import prefect_server, task_runner
from bioner.stages.distill_work import work_of
from bioner.teacher.annotate import annotate_part
from bioner.teacher.cache import RecordCache
from bioner.teacher.chunks import Plan, Text
from bioner.teacher.manifest import TeacherManifest
from bioner.teacher.shards import read_shard, write_shards

_USUAL = 5000  # texts of a shard at most: seconds of work at least,
_MOST = 1000  # but for so many shards: Prefect keeps their names as one parameter of the flow
_PARAMS = "params.json"


def in_workers(context: Context, plan: Plan, cache: RecordCache) -> Callable[[Iterator[Sequence[Text]]], None] | None:
    """What has texts annotated by workers, if the params ask for any; see `bioner.teacher.annotate`."""
    settings = context.params.distill
    alone = settings.runner == "threads" and settings.workers == 1
    return None if alone else partial(_submit, context, plan, cache)


def annotate_shard(workspace: str, folder: str, shard: str, run: int) -> None:
    """What a worker does.

    Args:
        workspace: where the paths of the stage begin.
        folder: of the shards; it has the params of the stage, which may have changed in the workspace meanwhile.
        shard: its file.
        run: the number of the annotating in the cache.

    Raises:
        BionerError: the teacher stopped, for the reason that it gives.
    """
    if Path.cwd() != Path(workspace):  # a process of its own
        os.chdir(workspace)
    file = Path(folder) / _PARAMS
    context = Context("distill", None, parse_params(read_json(file), str(file)))
    work = work_of(context, TeacherManifest.read(layout.TEACHER))
    with work.cache() as cache:
        annotate_part(read_shard(Path(shard)), cache=cache, teacher=lambda: work.teacher(cache.spent()), run=run)


def annotate_shards(place: dict[str, Any], shards: dict[str, int], workers: int, total: int, done: int) -> None:
    """The flow: a shard is submitted when a worker is free for it.

    No more than the workers are under way, wherever they run: that is how the limits of an endpoint are divided. All
    that it is given goes along with every task, and has to be plain.

    Args:
        place: what `annotate_shard` is told besides the shard.
        shards: path -> number of texts.
        total: texts of the annotating, of which so many were `done` before.
    """
    from prefect import task
    from prefect.cache_policies import NO_CACHE
    from prefect.futures import PrefectFuture, as_completed

    work = task(task_run_name="{shard}", cache_policy=NO_CACHE)(annotate_shard)
    running: dict[PrefectFuture[None], str] = {}

    def end_one() -> Iterator[None]:
        future = next(as_completed(list(running)))
        shard = running.pop(future)
        future.result()
        Path(shard).unlink()
        yield from [None] * shards[shard]

    def annotated() -> Iterator[None]:
        for shard in shards:
            running[work.submit(shard=shard, **place)] = shard
            if len(running) == workers:
                yield from end_one()
        while running:
            yield from end_one()

    for _ in track(annotated(), "annotating", total, done=done):
        pass


def _submit(context: Context, plan: Plan, cache: RecordCache, left: Iterator[Sequence[Text]]) -> None:
    settings = context.params.distill
    total, done = cache.wanted, cache.settled
    size = max(min(_USUAL, -(-(total - done) // settings.workers)), -(-(total - done) // _MOST))
    with prefect_server(), shard_folder() as folder:
        from prefect import flow

        runner = task_runner(settings.runner, settings.workers)
        write_json(folder / _PARAMS, Params.model_dump(context.params, mode="json", by_alias=True, exclude_unset=True))
        shards = {str(shard.path): shard.texts for shard in write_shards(folder, left, plan.key, size)}
        place = {"workspace": str(Path.cwd()), "folder": str(folder), "run": cache.run_number}
        submit = flow(name="distill", task_runner=runner, validate_parameters=False)(annotate_shards)
        submit(place, shards, settings.workers, total, done)


@contextmanager
def shard_folder() -> Iterator[Path]:
    """A folder for the shards of this process, gone in the end; what killed ones left goes too."""
    folder = (layout.STATE / "shards" / str(os.getpid())).resolve()
    for left in folder.parent.glob("*"):
        if left == folder or not psutil.pid_exists(int(left.name)):
            shutil.rmtree(left)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
