"""Runs on a real store: what is recorded, and how a run ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from projects import Project

from bioner.errors import RegistryError
from bioner.files import hash_tree
from bioner.stages.context import Context
from bioner.tracking.runs import stage_run
from bioner.tracking.store import connect, workspace_name
from bioner.tracking.sweep import sweep

# A stage that says when its run is open, and then works until it is stopped.
WORKER = """
import sys, time
from pathlib import Path
from bioner.config import load_params
from bioner.stages.context import Context
from bioner.tracking.runs import stage_run
with stage_run(Context("finetune", "mini", load_params(Path("params.yaml")))) as run:
    run.metric("loss", 0.5, 0)
    print(run.id, flush=True)
    time.sleep(60)
"""


def context(project: Project) -> Context:
    return Context("finetune", "mini", project.params)


def run_of(project: Project, run: str) -> Any:
    return connect(project.root).client.get_run(run)


def test_run_records_params_inputs_metrics_and_the_model(project: Project) -> None:
    model = project.root / "models/finetune/mini"
    with stage_run(context(project), [Path("data/test"), Path("models/finetune/mini")]) as run:
        for step in range(1500):  # more than one batch
            run.metric("loss", 1.0 / (step + 1), step)
        run.metrics({"strict F1 (en)": 0.25})
        run.artifact(Path("params.yaml"))
        run.model(model)
    found = run_of(project, run.id)
    assert found.info.status == "FINISHED"
    assert found.data.params["finetune.steps"] == str(project.params.finetune.steps)
    assert found.data.params["gliner.variants.mini.max_width"] == "16"
    assert not any(name.startswith(("tagger.", "corpora.")) for name in found.data.params)
    assert found.data.tags["bioner.output"] == hash_tree(model)
    assert found.data.tags["bioner.base"] == "package:base/model"
    assert found.data.metrics["strict F1 _en_"] == 0.25
    history = connect(project.root).client.get_metric_history(run.id, "loss")
    assert sorted(point.step for point in history) == list(range(1500))
    datasets = {item.dataset.name: item.dataset for item in found.inputs.dataset_inputs}
    assert set(datasets) == {
        "data/test/sample-en.jsonl",
        "data/test/sample-zh.jsonl",
        "data/test/sample-text-en.jsonl",
        "models/finetune/mini",
    }
    assert json.loads(datasets["data/test/sample-zh.jsonl"].profile)["licence"] == "Apache-2.0"


def test_system_metrics_are_recorded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bioner.tracking.runs._SAMPLE_EVERY", 0.1)
    with stage_run(context(project)) as run:
        time.sleep(0.5)
    assert "system/cpu_utilization_percentage" in run_of(project, run.id).data.metrics


def test_error_ends_the_run_as_failed_and_passes_on(project: Project) -> None:
    with pytest.raises(ValueError, match="mine"), stage_run(context(project)) as run:
        run.metric("loss", 0.5)
        raise ValueError("mine")
    found = run_of(project, run.id)
    assert (found.info.status, found.data.metrics["loss"]) == ("FAILED", 0.5)


def test_interrupt_ends_the_run_as_killed(project: Project) -> None:
    with pytest.raises(KeyboardInterrupt), stage_run(context(project)) as run:
        raise KeyboardInterrupt
    assert run_of(project, run.id).info.status == "KILLED"


def test_sigterm_ends_the_run_as_killed_and_restores_the_handler(project: Project) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as stopped, stage_run(context(project)) as run:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    assert stopped.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert run_of(project, run.id).info.status == "KILLED"


def test_runs_in_threads_do_not_mix(project: Project) -> None:
    seen: dict[int, str] = {}

    def work(number: int) -> None:
        with stage_run(context(project)) as run:
            seen[number] = run.id
            run.metric("number", number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: run_of(project, run).data.metrics["number"] for n, run in seen.items()} == {0: 0.0, 1: 1.0, 2: 2.0}


def test_unreachable_store_is_one_clear_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(RegistryError, match="MLFLOW_TRACKING_URI"), stage_run(context(project)):
        pass


def test_workspaces_have_experiments_of_their_own_in_one_store(project: Project) -> None:
    profile = project.root / "workspaces" / "ncbi"
    profile.mkdir(parents=True)
    assert (workspace_name(project.root), workspace_name(profile)) == ("main", "ncbi")
    main, other = connect(project.root), connect(profile)
    assert main.uri == other.uri
    assert {main.client.get_experiment(s.experiment).name for s in (main, other)} == {"bioner", "bioner-ncbi"}
    assert connect(profile).experiment == other.experiment


@pytest.mark.slow
@pytest.mark.parametrize(("number", "swept"), [(signal.SIGKILL, True), (signal.SIGTERM, False)])
def test_killed_process_leaves_no_run_running(project: Project, number: signal.Signals, swept: bool) -> None:
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=project.root, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    run = worker.stdout.readline().strip()
    assert sweep() == []
    assert run_of(project, run).info.status == "RUNNING"
    worker.send_signal(number)
    worker.wait()
    assert sweep() == ([run] if swept else [])
    found = run_of(project, run)
    assert found.info.status == "KILLED"
    assert ("bioner.swept" in found.data.tags) is swept
    assert sweep() == []


def test_sweep_leaves_runs_of_other_hosts_alone(project: Project) -> None:
    store = connect(project.root)
    tags = {"bioner.host": "elsewhere", "bioner.process": "1:1.00"}
    run = store.client.create_run(store.experiment, tags=tags).info.run_id
    assert sweep() == []
    assert run_of(project, run).info.status == "RUNNING"


@pytest.mark.slow
def test_two_processes_may_make_the_store_at_once(bare_project: Project) -> None:
    (bare_project.root / ".bioner" / "mlflow.db").unlink()
    code = "from pathlib import Path; from bioner.tracking.store import connect; print(connect(Path()).experiment)"
    workers = [
        subprocess.Popen([sys.executable, "-c", code], cwd=bare_project.root, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = {worker.communicate()[0] for worker in workers}
    assert [worker.returncode for worker in workers] == [0, 0]
    assert len(answers) == 1
