"""Where the shards of a distillation are annotated: Prefect's task runners on threads, Dask or Ray, and its server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from bioner.errors import ConfigError
from bioner.local_cluster import dask_options, ray_options
from bioner.stages import layout

if TYPE_CHECKING:  # Prefect takes seconds to import
    from prefect.task_runners import TaskRunner

_SERVER = "PREFECT_API_URL"  # in the environment of workers


@contextmanager
def prefect_server() -> Iterator[None]:
    """Around a flow: the server that the user or `bioner run` has named, or one of its own that all workers share.

    The latter has a database of its own: it and the server of the run that it is a part of would lock each other out of
    one SQLite file. Left to themselves, workers would start one server each.
    """
    state = (layout.STATE / "prefect-distill.db").resolve()
    state.parent.mkdir(parents=True, exist_ok=True)
    for name, value in {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{state}",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # errors are raised, and told once
    }.items():
        os.environ.setdefault(name, value)  # before Prefect is imported
    from prefect import settings

    if settings.PREFECT_API_URL.value():
        yield
        return
    from prefect.server.api.server import SubprocessASGIServer

    server = SubprocessASGIServer()
    server.start(timeout=settings.PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS.value())
    os.environ[_SERVER] = server.api_url
    try:
        with settings.temporary_settings({settings.PREFECT_API_URL: server.api_url}):
            yield
    finally:
        del os.environ[_SERVER]
        server.stop()


def task_runner(name: Literal["threads", "dask", "ray"], workers: int) -> TaskRunner[Any]:
    """Prefect's task runner: on the cluster that `DASK_SCHEDULER_ADDRESS` or `RAY_ADDRESS` names, else on this machine.

    Raises:
        ConfigError: what it needs is not installed.
    """
    from prefect.task_runners import ThreadPoolTaskRunner

    runner: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=workers)
    try:
        if name == "dask":
            from prefect_dask.task_runners import DaskTaskRunner

            address = os.environ.get("DASK_SCHEDULER_ADDRESS")
            runner = DaskTaskRunner(address=address, cluster_kwargs=None if address else dask_options(workers))
        elif name == "ray":
            from prefect_ray import RayTaskRunner

            runner = RayTaskRunner(os.environ.get("RAY_ADDRESS"), init_kwargs=ray_options(workers))
    except ImportError as error:
        mend = f"pip install 'bioner-foundry[{name}]', or set it to threads"
        raise ConfigError(f"the runner {name!r} is not installed", where="distill.runner", mend=mend) from error
    return runner
