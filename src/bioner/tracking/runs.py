"""One MLflow run for each training and evaluation: params, inputs, curves, system metrics, and an honest end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from bioner.distribution import first_process
from bioner.events import within
from bioner.files import hash_tree, read_json
from bioner.predictors import MANIFEST
from bioner.tracking.inputs import dataset_inputs
from bioner.tracking.names import flatten
from bioner.tracking.provenance import git_state, lock_hash, process_tags, stage_params
from bioner.tracking.recorder import Recorder
from bioner.tracking.store import Store, connect, registry_errors

if TYPE_CHECKING:
    from bioner.stages.context import Context

OUTPUT = "bioner.output"  # tag: hash_tree of the model folder that the run wrote
BASE = "bioner.base"  # tag: reference of the model that this one began as; of a tagger, without which it is no model
_SAMPLE_EVERY = 5.0  # seconds between two readings of the system metrics


def base_of(folder: Path) -> str:
    """The reference of the model that a model folder was trained from."""
    return str(read_json(folder / MANIFEST)["base"])


class StageRun:
    """An open run. Metrics are buffered, so that calling this in every step costs nothing; the rest is immediate."""

    def __init__(self, store: Store, run: str, recorder: Recorder) -> None:
        self._client = store.client
        self._recorder = recorder
        self.id = run

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """Record one value of a metric."""
        self._recorder.add(name, value, step)

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Record several values of one step."""
        for name, value in values.items():
            self._recorder.add(name, value, step)

    def tag(self, name: str, value: str) -> None:
        """Set a tag."""
        self._client.set_tag(self.id, name, value)

    def artifact(self, path: Path, folder: str = "") -> None:
        """Keep a file, or all files of a folder, with the run."""
        log = self._client.log_artifacts if path.is_dir() else self._client.log_artifact
        log(self.id, str(path), folder or None)

    def model(self, folder: Path) -> None:
        """Note which model the run wrote, so that the registry finds the run again, and what it was made from."""
        self.tag(OUTPUT, hash_tree(folder))
        self.tag(BASE, base_of(folder))


class NoRun(StageRun):
    """What the helpers of a training in several processes record: nothing, since the first one does."""

    def __init__(self) -> None:
        self.id = ""

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """Nothing."""

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Nothing."""

    def tag(self, name: str, value: str) -> None:
        """Nothing."""

    def artifact(self, path: Path, folder: str = "") -> None:
        """Nothing."""


@contextmanager
def stage_run(context: Context, inputs: Sequence[Path] = ()) -> Iterator[StageRun]:
    """Record one stage as an MLflow run that ends as FINISHED, FAILED or KILLED (SIGTERM, Ctrl-C).

    Of several processes that train one model, the first one records.

    Args:
        context: the stage; those of its params that `dvc.yaml` declares are logged.
        inputs: files and folders that the stage reads, logged as data sets with their DVC hashes.

    Raises:
        RegistryError: the tracking store cannot be reached.
    """
    if not first_process():
        yield NoRun()
        return
    workspace = Path.cwd()
    store = connect(workspace)
    with registry_errors(f"the run of {context.name} cannot be recorded"), _terminated_raises():
        run = _create(store, context, workspace)
        status = "FAILED"
        try:
            with ExitStack() as stack:
                stack.enter_context(within(mlflow_run=run))
                recorder = stack.enter_context(Recorder(store.client, run))
                stack.enter_context(_system_metrics(store, run))
                store.client.log_inputs(run, dataset_inputs(workspace, inputs, context.params))
                yield StageRun(store, run, recorder)
            status = "FINISHED"
        except (KeyboardInterrupt, SystemExit):
            status = "KILLED"
            raise
        finally:
            store.client.set_terminated(run, status)


def _create(store: Store, context: Context, workspace: Path) -> str:
    from mlflow.entities import Param

    tags = {
        "bioner.stage": context.stage,
        "bioner.item": context.item or "",
        "bioner.workspace": store.workspace,
        "bioner.lock": lock_hash(workspace),
        "mlflow.source.name": f"bioner.stages {context.stage} {context.item or ''}".rstrip(),
        "mlflow.source.type": "LOCAL",
    }
    tags |= git_state(workspace) | process_tags()
    run: str = store.client.create_run(store.experiment, tags=tags, run_name=context.name).info.run_id
    params = flatten(stage_params(workspace, context.stage, context.item, context.params))
    store.client.log_batch(run, params=[Param(name, value) for name, value in params.items()])
    return run


@contextmanager
def _system_metrics(store: Store, run: str) -> Iterator[None]:
    """Processor, memory, disk, network and GPU load of the machine, under `system/`."""
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    monitor = SystemMetricsMonitor(run, sampling_interval=_SAMPLE_EVERY, tracking_uri=store.uri)
    monitor.start()
    try:
        yield
    finally:
        monitor.finish()


@contextmanager
def _terminated_raises() -> Iterator[None]:
    """Turn SIGTERM into SystemExit within the block, so that it passes through every `finally`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
