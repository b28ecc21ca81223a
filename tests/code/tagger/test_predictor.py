"""A tagger annotates documents of any length in their order, and says the same after it was written and read."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_lm import sentence

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import read_json, write_json
from bioner.predictors import MANIFEST, load_predictor
from bioner.tagger.folder import Manifest, write_folder
from bioner.tagger.model import TaggerModel, add_selector
from bioner.tagger.network import Lora
from bioner.tagger.predictor import TaggerPredictor

TYPES = EntityTypes.of_words(["disease", "drug"])
DOCUMENTS = [
    sentence(1, "Patients with [acute] asthma were given low dose aspirin.", "en"),
    sentence(2, "患者有急性哮喘，给予小剂量阿司匹林。", "zh"),
    Document("empty", "", "en"),
    Document("blank", " \n ", "zh"),
    Document("long", "The BRCA1 gene of patients with asthma. " * 12, "en"),
    sentence(6, "aspirin", "de"),
]


def manifest(base: Path, selector: bool) -> Manifest:
    return Manifest(f"path:{base}", TYPES, 0.0, 20, Lora(4, 8, 0.0, 2), selector)


@pytest.fixture
def judging(tiny: TaggerModel, tiny_base: Path) -> TaggerPredictor:
    """A tagger with a selector; both decide at random."""
    add_selector(tiny, Lora(4, 8, 0.0, 2))
    return TaggerPredictor.of(tiny, manifest(tiny_base, selector=True))


def test_documents_keep_their_order_and_text(judging: TaggerPredictor) -> None:
    annotated = list(judging.predict(DOCUMENTS, batch_size=3))
    assert [(d.id, d.text, d.language) for d in annotated] == [(d.id, d.text, d.language) for d in DOCUMENTS]
    assert any(d.spans for d in annotated)
    for document in annotated:
        for span in document.spans:
            assert span.label in TYPES.keys
            assert span.contiguous
            assert 0.0 < (span.score or 0.0) <= 1.0
            assert span.mention(document.text).strip() == span.mention(document.text)


def test_batches_do_not_change_the_result(judging: TaggerPredictor) -> None:
    one, many = (list(judging.predict(DOCUMENTS, batch_size=size)) for size in (1, 16))
    assert [[(s.fragments, s.label) for s in d.spans] for d in one] == [
        [(s.fragments, s.label) for s in d.spans] for d in many
    ]


def test_a_long_document_is_annotated_to_its_end(judging: TaggerPredictor) -> None:
    (document,) = judging.predict([DOCUMENTS[4]])
    starts = [span.start for span in document.spans]
    assert min(starts) < 60
    assert max(starts) > len(document.text) - 120
    assert len({(s.fragments, s.label) for s in document.spans}) == len(document.spans)


def test_the_threshold_drops_spans(judging: TaggerPredictor) -> None:
    from dataclasses import replace

    scores = [s.score for d in judging.predict(DOCUMENTS) for s in d.spans if s.score is not None]
    middle = sorted(scores)[len(scores) // 2]
    kept = [s.score for d in replace(judging, threshold=middle).predict(DOCUMENTS) for s in d.spans]
    assert sorted(kept) == pytest.approx([score for score in sorted(scores) if score >= middle])
    assert 0 < len(kept) < len(scores)


def test_other_types_can_be_asked_for(judging: TaggerPredictor) -> None:
    labels = {s.label for d in judging.predict(DOCUMENTS, EntityTypes.of_words(["cell"])) for s in d.spans}
    assert labels == {"cell"}


def test_a_written_tagger_predicts_the_same(judging: TaggerPredictor, tiny_base: Path, tmp_path: Path) -> None:
    write_folder(tmp_path, judging.model, manifest(tiny_base, selector=True))
    read = load_predictor(f"path:{tmp_path}")
    assert list(read.predict(DOCUMENTS)) == list(judging.predict(DOCUMENTS))
    assert read.types == TYPES
    assert sorted(file.name for file in tmp_path.iterdir()) == [MANIFEST, "selector.safetensors", "tagger.safetensors"]


def test_a_folder_without_its_adapter_is_refused(judging: TaggerPredictor, tiny_base: Path, tmp_path: Path) -> None:
    write_folder(tmp_path, judging.model, manifest(tiny_base, selector=True))
    (tmp_path / "selector.safetensors").unlink()
    with pytest.raises(ModelError, match="adapter"):
        load_predictor(f"path:{tmp_path}")


@pytest.mark.parametrize("change", [{"lora": {"rank": 2, "alpha": 8, "dropout": 0.0, "layers": 2}}, {"prompt": "x"}])
def test_a_folder_that_does_not_fit_is_refused(
    judging: TaggerPredictor, tiny_base: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    write_folder(tmp_path, judging.model, manifest(tiny_base, selector=True))
    write_json(tmp_path / MANIFEST, read_json(tmp_path / MANIFEST) | change)
    with pytest.raises(ModelError):
        load_predictor(f"path:{tmp_path}")
