"""A model folder is complete: it predicts the same when loaded again, and stock `gliner` loads it too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.gliner.backbone import learn_characters, open_base
from bioner.gliner.folder import Manifest, write_folder
from bioner.gliner.model import CONFIG, Gliner
from bioner.gliner.predictor import GlinerPredictor, load_gliner

TYPES = EntityTypes.of_words(["disease", "药物"])
DOCUMENTS = [Document("a", "Asthma after 感冒 and flu.", "en"), Document("b", "患者服用阿司匹林。", "zh")]


@pytest.fixture
def folder(tiny: Gliner, tmp_path: Path) -> Path:
    """The folder of a model that has learnt some characters."""
    learn_characters(tiny, [document.text for document in DOCUMENTS] + ["药物"])
    write_folder(tmp_path, tiny, Manifest("path:base", TYPES, 0.0, True, 30, 5))
    return tmp_path


def test_a_loaded_model_predicts_what_the_saved_one_did(tiny, folder) -> None:
    tiny.network.eval()
    before = list(GlinerPredictor(tiny, TYPES, 0.0, True).predict(DOCUMENTS))
    loaded = load_gliner(folder)
    assert list(loaded.predict(DOCUMENTS)) == before
    assert all(document.spans for document in before)
    assert (loaded.types.keys, loaded.threshold, loaded.nested) == (TYPES.keys, 0.0, True)


def test_stock_gliner_loads_the_folder_with_the_same_weights(tiny, folder) -> None:
    from gliner import GLiNER

    stock = GLiNER.from_pretrained(str(folder), local_files_only=True, strict=True)
    for name, value in tiny.network.state_dict().items():
        assert torch.equal(stock.model.state_dict()[name], value), name
    assert len(stock.data_processor.transformer_tokenizer) == len(tiny.encoding.tokenizer)
    assert stock.predict_entities("Asthma and flu", ["disease"], threshold=0.0)


def test_nothing_pickled_and_no_path_of_this_machine_is_written(folder, tiny_encoder) -> None:
    names = {file.name for file in folder.iterdir()}
    assert {"bioner.json", CONFIG, "model.safetensors", "tokenizer.json"} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
    # the reference of the base is the user's own words, here a path; nothing else may hold one
    texts = {file.name: file.read_text() for file in folder.glob("*.json")}
    record = json.loads(texts.pop(CONFIG))
    assert record.pop("model_name") == f"path:{tiny_encoder}"
    assert str(tiny_encoder) not in json.dumps(record)
    assert not [name for name, text in texts.items() if str(tiny_encoder) in text]


def test_a_checkpoint_is_a_base_too(folder, variant) -> None:
    model = open_base(variant.model_copy(update={"encoder": f"path:{folder}", "max_width": 3}))
    assert model.limits.width == model.network.config.max_width == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"span_mode": "token_level"}, "span mode"),
        ({"labels_encoder": "some/encoder"}, "bi-encoder"),
        ({"encoder_config": {"model_type": "bert", "auto_map": {"AutoModel": "evil.Model"}}}, "code of its own"),
    ],
)
def test_checkpoints_of_other_kinds_are_refused(folder, variant, change, message) -> None:
    record = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(record | change))
    with pytest.raises(ModelError, match=message):
        open_base(variant.model_copy(update={"encoder": f"path:{folder}"}))


def test_missing_weights_are_an_error(folder) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="has no model"):
        load_gliner(folder)


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, bioner.gliner.model, bioner.gliner.backbone; sys.exit('gliner' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
