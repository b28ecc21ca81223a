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
from bioner.gliner.overlap import Overlap
from bioner.gliner.predictor import GlinerPredictor, load_gliner
from bioner.seeds import seed_torch

TYPES = EntityTypes.of_words(["药物", "disease"])  # not in the order of the alphabet, which a prompt would not keep
DOCUMENTS = [Document("a", "Asthma after 感冒 and flu.", "en"), Document("b", "患者服用阿司匹林。", "zh")]


@pytest.fixture
def folder(tiny: Gliner, tmp_path: Path) -> Path:
    """The folder of a model that has learnt some characters."""
    learn_characters(tiny, [document.text for document in DOCUMENTS] + ["药物"])
    write_folder(tmp_path, tiny, Manifest("path:base", TYPES, 0.0, Overlap.NESTED, 30, 5))
    return tmp_path


def test_a_loaded_model_predicts_what_the_saved_one_did(tiny, folder) -> None:
    tiny.network.eval()
    before = list(GlinerPredictor(tiny, TYPES, 0.0, Overlap.NESTED).predict(DOCUMENTS))
    loaded = load_gliner(folder)
    assert list(loaded.predict(DOCUMENTS)) == before
    assert all(document.spans for document in before)
    assert (loaded.types.keys, loaded.threshold, loaded.overlap) == (TYPES.keys, 0.0, Overlap.NESTED)


@pytest.mark.parametrize("bi_encoder", [False, True], ids=["uni", "bi"])
@pytest.mark.parametrize("head", ["span", "token"])
def test_stock_gliner_loads_the_folder_and_predicts_the_same(variant, tmp_path, bi_encoder, head) -> None:
    from gliner import GLiNER

    seed_torch(7, 1)
    settings = {"labels_encoder": variant.encoder if bi_encoder else None, "head": head}
    model = open_base(variant.model_copy(update=settings))
    learn_characters(model, [document.text for document in DOCUMENTS] + ["药物"])
    write_folder(tmp_path, model, Manifest("path:base", TYPES, 0.0, Overlap.NESTED, 30, 5))
    stock = GLiNER.from_pretrained(str(tmp_path), local_files_only=True, strict=True).eval()
    for name, value in model.network.state_dict().items():
        assert torch.equal(stock.model.state_dict()[name], value), name
    assert len(stock.data_processor.transformer_tokenizer) == len(model.encoding.tokenizer)
    text = "Asthma after a severe flu"  # words that stock splits in the same way
    (scored,) = load_gliner(tmp_path).score([Document("a", text, "en")], EntityTypes.of_words(["disease"]), floor=0.0)
    expected = {scored.words.characters(c.first, c.last): c.score for c in scored.candidates}
    floor = sorted(expected.values())[len(expected) // 2]
    found = stock.inference([text], ["disease"], flat_ner=False, multi_label=True, threshold=floor)[0]
    assert len(found) >= 5
    for span in found:
        assert expected[span["start"], span["end"]] == pytest.approx(span["score"], abs=1e-5)


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
        ({"span_mode": "markerV1"}, "span mode"),
        ({"labels_encoder": "some/encoder"}, "does not describe the encoder of its types"),
        ({"relations_layer": "biaffine"}, "relation model"),
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


@pytest.mark.slow
def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, bioner.gliner.model, bioner.gliner.backbone; sys.exit('gliner' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
