"""A registered model, loaded through MLflow in a fresh process, predicts what the model folder does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioner.config import load_params
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.files import hash_tree
from bioner.predictors import load_predictor
from bioner.seeds import seed_torch
from bioner.tracking.pyfunc import log_model
from bioner.tracking.store import Store, connect

ROOT = Path(__file__).parents[2]

TEXTS = [
    ("Aspirin (75 mg) lowered the risk of myocardial infarction in older patients.", "en"),
    ("患者口服阿司匹林后出现胃出血。", "zh"),
    ("IL-2 gene expression requires reactive oxygen production by 5-lipoxygenase. " * 12, "en"),
]

# The package is taken off the path, so that what runs is the code that the model brought along.
FRESH = """
import json, sys
sys.path.remove(sys.argv[2])
import mlflow, pandas, torch
torch.set_num_threads(1)
model = mlflow.pyfunc.load_model("models:/bioner-test@champion")
frame = pandas.DataFrame(json.loads(sys.argv[1]))
answers = [model.predict(frame), model.predict(frame[["text"]], params={"labels": ["organ"], "threshold": 0.52})]
print(json.dumps({"answers": answers, "code": sys.modules["bioner"].__file__}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GLiNER with a random head: what it predicts means nothing, but every digit of it depends on the weights."""
    from bioner.gliner.backbone import open_base
    from bioner.gliner.folder import Manifest, write_folder

    params = load_params(ROOT / "params.yaml")
    variant = params.gliner.variants["mini"]
    seed_torch(1, 1)
    model = open_base(variant)
    model.network.eval()
    place = tmp_path_factory.mktemp("model")
    manifest = Manifest(variant.encoder, params.entity_types, 0.5, True, variant.max_words, variant.max_types)
    write_folder(place, model, manifest)
    return place


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Store:
    """A store with the model registered as champion."""
    root = tmp_path_factory.mktemp("project")
    (root / ".dvc").mkdir()
    store = connect(root)
    run = store.client.create_run(store.experiment).info.run_id
    logged = log_model(store, run, "mini", folder, {})
    store.client.create_registered_model("bioner-test")
    version = store.client.create_model_version("bioner-test", logged.artifact_location, run, model_id=logged.model_id)
    store.client.set_registered_model_alias("bioner-test", "champion", str(version.version))
    return store


@pytest.fixture(scope="module")
def fresh(store: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a fresh process predicts, with the package only where the model brings it."""
    rows = [{"text": text, "language": language} for text, language in TEXTS]
    environment = os.environ | {"MLFLOW_TRACKING_URI": store.uri}
    done = subprocess.run(
        [sys.executable, "-c", FRESH, json.dumps(rows), str(ROOT / "src")],
        capture_output=True,
        text=True,
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def expected(folder: Path, types: EntityTypes | None = None, threshold: float = 0.5) -> list[list[dict[str, Any]]]:
    """What the folder's own predictor says, in the form of the registered model."""
    predictor: Any = replace(load_predictor(f"path:{folder}"), threshold=threshold)  # type: ignore[type-var]
    documents = [Document(str(n), text, language) for n, (text, language) in enumerate(TEXTS)]
    return [
        [
            {
                "start": span.start,
                "end": span.end,
                "fragments": [list(fragment) for fragment in span.fragments],
                "text": document.text[span.start : span.end],
                "label": span.label,
                "score": span.score,
            }
            for span in sorted(document.spans, key=lambda span: (span.start, -span.end, span.label))
        ]
        for document in predictor.predict(documents, types)
    ]


@pytest.mark.slow
def test_fresh_process_predicts_the_same_from_its_own_copy_of_the_code(fresh: dict[str, Any], folder: Path) -> None:
    assert not Path(fresh["code"]).is_relative_to(ROOT)
    assert any(fresh["answers"][0])
    assert fresh["answers"][0] == expected(folder)


@pytest.mark.slow
def test_labels_and_threshold_are_params(fresh: dict[str, Any], folder: Path) -> None:
    assert fresh["answers"][1] == expected(folder, EntityTypes.of_words(["organ"]), 0.52)
    assert fresh["answers"][1] != expected(folder, EntityTypes.of_words(["organ"]))


@pytest.mark.slow
def test_registered_model_holds_code_and_safetensors_but_no_pickle(store: Store, folder: Path) -> None:
    version = store.client.get_model_version_by_alias("bioner-test", "champion")
    place = Path(version.source.removeprefix("file://"))
    suffixes = {path.suffix for path in place.rglob("*") if path.is_file()}
    assert suffixes <= {"", ".py", ".json", ".yaml", ".txt", ".safetensors", ".html", ".j2", ".css", ".js"}
    (kept,) = (place / "artifacts").iterdir()
    assert hash_tree(kept) == hash_tree(folder)
    assert "torch==" in (place / "requirements.txt").read_text()
