"""Stage finetune: with early stopping it scores on dev, keeps the best weights, and shows it all in MLflow."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from projects import Project, drug_sentences
from tiny_gliner import make_tiny_gliner

from bioner.config import load_params
from bioner.documents import write_documents
from bioner.files import read_json
from bioner.stages import finetune, layout
from bioner.stages.context import Context
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow


def test_early_stopping_scores_on_dev(bare_project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bioner.tracking.runs._SAMPLE_EVERY", 0.1)
    file = bare_project.root / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    params["finetune"] |= {"steps": 12, "early_stopping": {"every": 4, "patience": 2}, "head_learning_rate": 0.01}
    file.write_text(yaml.safe_dump(params), encoding="utf-8")
    write_documents(layout.split("train", "sample-en"), drug_sentences(30))
    write_documents(layout.split("dev", "sample-en"), drug_sentences(6))
    (tmp_path / "base").mkdir()
    layout.pretrained("mini").parent.mkdir(parents=True)
    make_tiny_gliner(tmp_path / "base").replace(layout.pretrained("mini"))
    finetune.run(Context("finetune", "mini", load_params(file)))
    figures = read_json(layout.metrics("finetune", "mini"))
    client = connect(bare_project.root).client
    (run,) = client.search_runs([experiment.experiment_id for experiment in client.search_experiments()])
    history = {name: client.get_metric_history(run.info.run_id, name) for name in ("dev_score", "examples_per_second")}
    scores = {point.step + 1: point.value for point in history["dev_score"]}
    assert list(scores) == [4, 8, 12][: len(scores)]
    assert len(scores) >= 2
    assert figures["best_step"] == max(scores, key=lambda step: (scores[step], -step))
    assert figures["dev_strict_f1"] == pytest.approx(max(scores.values()))
    assert len(history["examples_per_second"]) == figures["steps"]
    assert run.data.metrics.keys() >= {
        "system/cpu_utilization_percentage",
        "system/system_memory_usage_percentage",
        "system/disk_usage_percentage",
    }
    header = layout.curve("finetune", "mini").read_text(encoding="utf-8").partition("\n")[0]
    assert header == "step,loss,learning_rate"  # nothing that differs from run to run
