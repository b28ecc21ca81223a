"""Stage tagger: it asks with definitions if told so, stops early on dev, and tells the folder and MLflow its base."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from projects import Project
from tiny_lm import make_tiny_lm, sentence

from bioner.config import load_params
from bioner.documents import write_documents
from bioner.files import read_json
from bioner.stages import layout, tagger
from bioner.stages.context import Context
from bioner.tagger.predictor import load_tagger
from bioner.tracking.store import connect

pytestmark = pytest.mark.slow
ENGLISH = [sentence(n, f"Patient {n} takes aspirin.", "en", ("aspirin", "drug")) for n in range(8)]
CHINESE = [sentence(n, f"{n}号患者有哮喘。", "zh", ("哮喘", "disease")) for n in range(3)]


def test_the_settings_reach_the_training_the_folder_and_the_run(bare_project: Project, tmp_path: Path) -> None:
    base = tmp_path / "base"
    make_tiny_lm(base)
    file = bare_project.root / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    params["tagger"] |= {"base": f"path:{base}", "layers": "all", "steps": 8, "accumulate": 2, "definitions": True}
    params["tagger"] |= {"early_stopping": {"every": 3, "patience": 2}, "language_temperature": 2.0}
    params["tagger"] |= {"opening_bias": [-50.0, 0.0, 2.0]}
    file.write_text(yaml.safe_dump(params), encoding="utf-8")
    for split, size in (("train", 8), ("dev", 2)):
        write_documents(layout.split(split, "sample-en"), ENGLISH[:size])
        write_documents(layout.split(split, "sample-zh"), CHINESE[:size])
    tagger.run(Context("tagger", None, load_params(file)))
    manifest, figures = read_json(layout.TAGGER / "bioner.json"), read_json(layout.metrics("tagger"))
    assert (manifest["base"], manifest["definitions"], manifest["lora"]["layers"]) == (f"path:{base}", True, "all")
    client = connect(bare_project.root).client
    (run,) = client.search_runs([experiment.experiment_id for experiment in client.search_experiments()])
    assert run.data.tags["bioner.base"] == f"path:{base}"
    assert run.data.params["tagger.lora_rank"] == "16"  # which the preset says
    scores = {point.step + 1: point.value for point in client.get_metric_history(run.info.run_id, "dev_score")}
    assert list(scores) == [3, 6, 8]
    assert figures["best_step"] == max(scores, key=lambda step: (scores[step], -step))
    bias = figures["opening_bias"]
    assert list(bias["dev_f1"]) == ["-50.0", "0.0", "2.0"]
    assert bias["dev_f1"]["-50.0"] == 0.0, "nothing is found where no mention is opened"
    assert bias["dev_f1"]["0.0"] == pytest.approx(max(scores.values()))
    assert figures["dev_strict"]["f1"] == max(bias["dev_f1"].values()) == bias["dev_f1"][str(bias["chosen"])]
    assert manifest["opening_bias"] == bias["chosen"] == run.data.metrics["opening_bias"]
    assert load_tagger(layout.TAGGER).model.opening_bias == bias["chosen"]
