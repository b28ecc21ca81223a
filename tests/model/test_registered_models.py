"""A registered model, loaded through MLflow in a fresh process, predicts what the model folder does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from scratch import share_base

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
    ("Aspirin (75 mg) prevents myocardial infarction.", "en"),
    ("口服阿司匹林后胃出血。", "zh"),
]

Answer = list[list[dict[str, Any]]]  # the entities of each row

# The package is taken off the path, so that what runs is the code that the model brought along.
FRESH = """
import json, sys
sys.path.remove(sys.argv[2])
import mlflow, pandas, torch
torch.set_num_threads(1)
model = mlflow.pyfunc.load_model("models:/bioner-test@champion")
frame = pandas.DataFrame(json.loads(sys.argv[1]))
asked = {"labels": ["organ"], "threshold": float(sys.argv[3])}
answers = [model.predict(frame), model.predict(frame[["text"]], params=asked)]
print(json.dumps({"answers": answers, "code": sys.modules["bioner"].__file__}))
"""


def make_gliner(folder: Path) -> None:
    """A GLiNER with a random head: what it predicts means nothing, but every digit of it depends on the weights.

    A threshold of 0 lets all of it through.
    """
    from bioner.gliner.backbone import open_base
    from bioner.gliner.folder import Manifest, write_folder
    from bioner.gliner.overlap import Overlap

    params = load_params(ROOT / "params.yaml")
    variant = params.gliner.variants["mini"]
    model = open_base(variant)
    model.network.eval()
    limits = (variant.max_words, variant.max_types)
    write_folder(folder, model, Manifest(variant.encoder, params.entity_types, 0.0, Overlap.NESTED, *limits))


def make_tagger(folder: Path) -> None:
    """A tagger with random adapters, large enough that it marks spans at random, and a selector."""
    import torch

    from bioner.tagger.folder import Manifest, write_folder
    from bioner.tagger.model import add_selector, open_base
    from bioner.tagger.network import Lora

    params = load_params(ROOT / "params.yaml")
    types = params.entity_types.only(("drug", "disease"))
    lora = Lora(rank=2, alpha=4, dropout=0.0, layers=2)
    model = open_base(params.tagger.base, lora)
    with torch.no_grad():
        for weights in model.network.model.parameters():
            if weights.requires_grad:
                weights.normal_(std=0.3)
    add_selector(model, lora)
    write_folder(folder, model, Manifest(params.tagger.base, types, 0.0, params.tagger.max_words, lora, True))


@dataclass(frozen=True)
class Case:
    """A model folder, the store it is registered in, what the folder predicts and what a fresh process predicted.

    Both are asked for the model's own types, and for one type of the user's from the middle score on.
    """

    folder: Path
    store: Store
    expected: list[Answer]
    answers: list[Answer]
    code: str


@pytest.fixture(scope="module", params=[make_gliner, make_tagger], ids=["gliner", "tagger"])
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, base_workspace: Path
) -> Iterator[Case]:
    """A model of each family, registered as champion and asked in a fresh process."""
    root = tmp_path_factory.mktemp("project")
    share_base(base_workspace, root)
    (root / ".dvc").mkdir()
    (root / "model").mkdir()
    with chdir(root):
        store = connect(root)
        seed_torch(1, 1)
        request.param(root / "model")
        run = store.client.create_run(store.experiment).info.run_id
        logged = log_model(store, run, "model", root / "model", {})
        store.client.create_registered_model("bioner-test")
        source, model = logged.artifact_location, logged.model_id
        version = store.client.create_model_version("bioner-test", source, run, model_id=model).version
        store.client.set_registered_model_alias("bioner-test", "champion", str(version))
        organ = EntityTypes.of_words(["organ"])
        predictor: Any = load_predictor(f"path:{root / 'model'}")
        scores = sorted(entity["score"] for row in ask(predictor, organ) for entity in row)
        middle: float = scores[len(scores) // 2]
        assert middle > scores[0]
        answer = ask_fresh(root, store, middle)
        expected = [ask(predictor), ask(replace(predictor, threshold=middle), organ)]
        yield Case(root / "model", store, expected, answer["answers"], answer["code"])


def ask_fresh(root: Path, store: Store, threshold: float) -> dict[str, Any]:
    """What a fresh process predicts, with the package only where the model brings it."""
    rows = [{"text": text, "language": language} for text, language in TEXTS]
    done = subprocess.run(
        [sys.executable, "-c", FRESH, json.dumps(rows), str(ROOT / "src"), repr(threshold)],
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"MLFLOW_TRACKING_URI": store.uri},
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def ask(predictor: Any, types: EntityTypes | None = None) -> Answer:
    """What the folder's own predictor says, in the form of the registered model."""
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
def test_fresh_process_predicts_the_same_from_its_own_copy_of_the_code(case: Case) -> None:
    assert not Path(case.code).is_relative_to(ROOT)
    assert case.answers[0] == case.expected[0]


@pytest.mark.slow
def test_labels_and_threshold_are_params(case: Case) -> None:
    assert any(case.answers[1])
    assert case.answers[1] == case.expected[1]


@pytest.mark.slow
def test_registered_model_holds_code_and_safetensors_but_no_pickle(case: Case) -> None:
    version = case.store.client.get_model_version_by_alias("bioner-test", "champion")
    place = Path(version.source.removeprefix("file://"))
    suffixes = {path.suffix for path in place.rglob("*") if path.is_file()}
    assert suffixes <= {"", ".py", ".json", ".yaml", ".txt", ".safetensors", ".html", ".j2", ".css", ".js"}
    (kept,) = (place / "artifacts").iterdir()
    assert hash_tree(kept) == hash_tree(case.folder)
    assert "torch==" in (place / "requirements.txt").read_text()
